package org.radax.core.check;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Shows structures of a pool that is not mounted, as maps, lists, strings, longs and booleans. Reads with the checker's
 * eyes: what is wrong with a structure stands under {@code problem}, and records that recovery would replay are seen
 * as applied.
 */
public final class Dumper {
    private static final int LABEL_BYTES = 32;

    private final ScanContext context;
    private final PoolWalk walk;
    private final byte[] state = new byte[Units.BLOCK_BYTES];
    private final List<JournalReader.LiveRecord> live;

    private Dumper(Image image, Superblock superblock) {
        this.context = new ScanContext(image, superblock, false);
        this.live = new JournalCheck(image, superblock, false).live();
        live.forEach(record -> record.forEachWord(image::overlay));
        image.readBlock(Geometry.STATE_BLOCK, state);
        this.walk = new PoolWalk(context);
    }

    /**
     * Shows one thing.
     *
     * @param what super, group, inode, extents, dir or journal
     * @param argument a group or inode number, or a path from the root; ignored for super and journal
     * @throws PoolException when the pool can not be opened, or has no such thing
     */
    public static Object dump(Path pool, String what, String argument) throws PoolException {
        try (PoolFile file = PoolFile.open(pool, false)) {
            PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), file.defaultDomain(), null);
            Image image = new Image(memory);
            return new Dumper(image, PoolOpener.superblock(pool, image)).dump(what, argument);
        }
    }

    /** As the other, for a pool in memory that has a sound superblock. */
    static Object dump(PoolMemory memory, String what, String argument) throws PoolException {
        Image image = new Image(memory);
        return new Dumper(image, PoolOpener.superblock(Path.of("memory"), image)).dump(what, argument);
    }

    private Object dump(String what, String argument) throws PoolException {
        return switch (what) {
            case "super" -> superblock();
            case "group" -> group(number(argument));
            case "inode" -> inode(number(argument));
            case "extents" -> walk.extents(walk.resolve(path(argument)));
            case "dir" -> walk.directory(walk.resolve(path(argument)));
            case "journal" -> journal();
            default ->
                throw new PoolException(
                        Errno.EINVAL, "can not dump " + what + ": one of super, group, inode, extents, dir, journal");
        };
    }

    private static String path(String argument) throws PoolException {
        if (argument == null) {
            throw new PoolException(Errno.EINVAL, "a path from the volume's root is needed");
        }
        return argument;
    }

    private static long number(String argument) throws PoolException {
        try {
            return Long.parseLong(argument == null ? "" : argument);
        } catch (NumberFormatException e) {
            throw new PoolException(Errno.EINVAL, "a number is needed, not \"" + argument + "\"");
        }
    }

    private Map<String, Object> superblock() {
        byte[] bytes = context.superblock().bytes();
        Geometry geometry = context.geometry();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(
                "version",
                Bytes.getInt(bytes, SuperblockLayout.MAJOR) + "." + Bytes.getInt(bytes, SuperblockLayout.MINOR));
        map.put("uuid", context.superblock().uuid().toString());
        map.put("label", label(bytes));
        map.put("sizeBytes", geometry.sizeBytes());
        map.put("blockBytes", (long) Units.BLOCK_BYTES);
        map.put("blockCount", geometry.blockCount());
        map.put("createdNanos", Bytes.getLong(bytes, SuperblockLayout.CREATED));
        map.put("laneCount", (long) geometry.laneCount());
        map.put("laneBytes", (long) geometry.laneBytes());
        map.put("groupCount", geometry.groupCount());
        map.put("groupTableBlock", geometry.groupTable());
        map.put("rootInodePoolOffset", context.superblock().rootInodeOffset());
        map.put("reserveBlocks", Bytes.getLong(bytes, SuperblockLayout.RESERVE_BLOCKS));
        map.put("compatible", Bytes.getLong(bytes, SuperblockLayout.COMPATIBLE));
        map.put("readOnlyCompatible", Bytes.getLong(bytes, SuperblockLayout.READ_ONLY_COMPATIBLE));
        map.put("incompatible", Bytes.getLong(bytes, SuperblockLayout.INCOMPATIBLE));
        map.put(
                "replicaSound",
                Superblock.read(context.image(), geometry.replicaBlock()).sound());
        map.put(
                "primarySound",
                Superblock.read(context.image(), Geometry.SUPERBLOCK).sound());
        problem(
                map,
                context.blockProblem(state, StateLayout.MAGIC_VALUE, StateLayout.CHECKED_BYTES, Geometry.STATE_BLOCK));
        map.put("groupsInUse", Bytes.getLong(state, StateLayout.GROUPS_IN_USE));
        map.put("epoch", Bytes.getLong(state, StateLayout.EPOCH));
        map.put("clean", Bytes.getLong(state, StateLayout.MOUNT_STATE) == 1);
        map.put("lastMountNanos", Bytes.getLong(state, StateLayout.LAST_MOUNT));
        map.put("mountCount", Bytes.getLong(state, StateLayout.MOUNT_COUNT));
        return map;
    }

    private static String label(byte[] bytes) {
        int length = 0;
        while (length < LABEL_BYTES && bytes[SuperblockLayout.LABEL + length] != 0) {
            length++;
        }
        return new String(bytes, SuperblockLayout.LABEL, length, StandardCharsets.UTF_8);
    }

    private static void problem(Map<String, Object> map, String problem) {
        if (problem != null) {
            map.put("problem", problem);
        }
    }

    private Map<String, Object> group(long group) throws PoolException {
        Geometry geometry = context.geometry();
        if (group < 0 || group >= geometry.groupCount()) {
            throw new PoolException(Errno.EINVAL, "no group " + group + ": there are " + geometry.groupCount());
        }
        byte[] bytes = new byte[GroupLayout.CHECKED_BYTES];
        boolean readable = context.image().read(geometry.descriptorOffset(group), bytes, bytes.length);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("group", group);
        map.put("inUse", group < Bytes.getLong(state, StateLayout.GROUPS_IN_USE));
        map.put("firstBlock", Geometry.firstBlock(group));
        map.put("blockCount", (long) geometry.blocksIn(group));
        map.put("bitmapBlock", geometry.bitmapBlock(group));
        map.put("chunkMapBlock", geometry.chunkMapBlock(group));
        map.put("freeBlocks", (long) Bytes.getInt(bytes, GroupLayout.FREE_BLOCKS));
        map.put("inodesUsed", (long) Bytes.getInt(bytes, GroupLayout.INODES_USED));
        problem(
                map,
                readable
                        ? context.frameProblem(bytes, GroupLayout.MAGIC_VALUE, GroupLayout.CHECKED_BYTES, group)
                        : "can not be read");
        return map;
    }

    private Map<String, Object> inode(long ino) throws PoolException {
        byte[] bytes = walk.inode(ino);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ino", ino);
        map.put("poolOffset", InodeOffsets.of(ino, context.superblock()));
        problem(map, context.frameProblem(bytes, InodeLayout.MAGIC_VALUE, InodeLayout.CHECKED_BYTES, ino));
        map.put("generation", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.GENERATION)));
        map.put("mode", String.format("%07o", Bytes.getInt(bytes, InodeLayout.MODE)));
        map.put("linkCount", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.LINK_COUNT)));
        map.put("flags", String.format("%#x", Bytes.getInt(bytes, InodeLayout.FLAGS)));
        map.put("uid", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.UID)));
        map.put("gid", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.GID)));
        map.put("size", Bytes.getLong(bytes, InodeLayout.SIZE));
        map.put("blocks", Bytes.getLong(bytes, InodeLayout.BLOCKS));
        map.put("atimeNanos", Long.toUnsignedString(Bytes.getLong(bytes, InodeLayout.ATIME)));
        map.put("mtimeNanos", Long.toUnsignedString(Bytes.getLong(bytes, InodeLayout.MTIME)));
        map.put("ctimeNanos", Long.toUnsignedString(Bytes.getLong(bytes, InodeLayout.CTIME)));
        map.put("birthNanos", Long.toUnsignedString(Bytes.getLong(bytes, InodeLayout.BIRTH)));
        map.put("parentIno", Bytes.getLong(bytes, InodeLayout.PARENT));
        map.put("rdev", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.RDEV)));
        map.put("extentHintBlocks", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.EXTENT_HINT)));
        map.put("attributeBlock", Bytes.getLong(bytes, InodeLayout.XATTR));
        map.put("project", Integer.toUnsignedLong(Bytes.getInt(bytes, InodeLayout.PROJECT)));
        return map;
    }

    private Map<String, Object> journal() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("epoch", Bytes.getLong(state, StateLayout.EPOCH));
        List<Object> lanes = new ArrayList<>();
        byte[] header = new byte[LaneLayout.RECORD];
        for (int lane = 0; lane < context.geometry().laneCount(); lane++) {
            long offset = context.geometry().laneOffset(lane);
            boolean readable = context.image().read(offset, header, header.length);
            Map<String, Object> laneMap = new LinkedHashMap<>();
            laneMap.put("lane", (long) lane);
            laneMap.put("poolOffset", offset);
            laneMap.put("retiredSequence", Bytes.getLong(header, LaneLayout.RETIRED));
            problem(
                    laneMap,
                    readable
                            ? context.blockProblem(
                                    header, LaneLayout.MAGIC_VALUE, LaneLayout.CHECKED_BYTES, Units.blockOf(offset))
                            : "can not be read");
            lanes.add(laneMap);
        }
        map.put("lanes", lanes);
        List<Object> records = new ArrayList<>();
        for (JournalReader.LiveRecord record : live) {
            Map<String, Object> recordMap = new LinkedHashMap<>();
            recordMap.put("lane", (long) record.lane());
            recordMap.put("sequence", record.sequence());
            recordMap.put("lengthBytes", (long) record.lengthBytes());
            recordMap.put("runCount", (long) record.runCount());
            List<Object> words = new ArrayList<>();
            record.forEachWord((poolOffset, value) -> words.add(poolOffset));
            recordMap.put("wordPoolOffsets", words);
            records.add(recordMap);
        }
        map.put("liveRecords", records);
        map.put("recordSlotBytes", (long) context.geometry().laneBytes() - LaneLayout.RECORD);
        map.put("recordHeaderBytes", (long) RecordLayout.RUNS);
        return map;
    }
}
