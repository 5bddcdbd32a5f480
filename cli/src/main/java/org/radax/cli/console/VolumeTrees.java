package org.radax.cli.console;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.radax.core.unit.Timestamp;
import org.radax.core.unit.Units;
import org.radax.core.volume.VolumeInfo;

/** A {@link VolumeInfo} as the tree that {@code info --json} prints and the control socket sends. */
public final class VolumeTrees {

    private VolumeTrees() {}

    public static Map<String, Object> of(VolumeInfo info) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("pool", String.valueOf(info.pool()));
        tree.put("uuid", String.valueOf(info.uuid()));
        tree.put("label", info.label());
        tree.put("formatVersion", info.formatVersion());
        tree.put("features", info.features());
        tree.put("sizeBytes", info.sizeBytes());
        tree.put("usage", usage(info));
        tree.put("groups", groups(info));
        tree.put("journal", journal(info));
        tree.put("created", instant(info.createdNanos()));
        tree.put("lastMounted", instant(info.lastMountedNanos()));
        tree.put("mountCount", info.mountCount());
        tree.put("clean", info.clean());
        tree.put("domain", info.domain());
        tree.put("poolKind", info.poolKind());
        tree.put("readOnly", info.readOnly());
        tree.put("openFiles", info.openFiles());
        tree.put("referencedInodes", info.referencedInodes());
        tree.put("remarks", info.remarks());
        return tree;
    }

    /** One line for people on how full it is. */
    public static String summary(Map<?, ?> usage) {
        long total = number(usage, "totalBlocks") * Units.BLOCK_BYTES;
        long free = number(usage, "freeBlocks") * Units.BLOCK_BYTES;
        return Sizes.human(total - free) + " of " + Sizes.human(total) + " used, " + Sizes.human(free) + " free";
    }

    private static long number(Map<?, ?> map, String key) {
        return map.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private static Map<String, Object> usage(VolumeInfo info) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("blockBytes", Units.BLOCK_BYTES);
        usage.put("totalBlocks", info.totalBlocks());
        usage.put("freeBlocks", info.freeBlocks());
        usage.put("reservedBlocks", info.reservedBlocks());
        usage.put("inodes", info.inodesInUse());
        return usage;
    }

    private static Map<String, Object> groups(VolumeInfo info) {
        Map<String, Object> groups = new LinkedHashMap<>();
        groups.put("count", info.groupCount());
        groups.put("inUse", info.groupsInUse());
        return groups;
    }

    private static Map<String, Object> journal(VolumeInfo info) {
        Map<String, Object> journal = new LinkedHashMap<>();
        journal.put("lanes", info.lanes());
        journal.put("laneBytes", info.laneBytes());
        return journal;
    }

    private static String instant(long nanos) {
        return nanos == 0
                ? null
                : Instant.ofEpochSecond(Timestamp.seconds(nanos), Timestamp.nanos(nanos))
                        .toString();
    }
}
