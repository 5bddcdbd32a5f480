package org.radax.core.check;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** One look at a whole volume; writes nothing. */
final class Scan {
    private static final int CLEAN = 1;
    private static final int MOUNTED = 2;

    private final ScanContext context;
    private final GroupScan groups;
    private final DirectoryScan directories;
    private final InodeScan inodes;
    private final LinkScan links;
    private final LongList chunks = new LongList();
    private final Map<Long, Integer> inodesUsed = new HashMap<>();
    private final byte[] state = new byte[Units.BLOCK_BYTES];
    private boolean stateSound;
    private boolean groupsKnown = true;

    Scan(Image image, Superblock superblock, boolean data) {
        this.context = new ScanContext(image, superblock, data);
        this.groups = new GroupScan(context);
        this.directories = new DirectoryScan(context);
        this.inodes = new InodeScan(context, directories);
        this.links = new LinkScan(context);
    }

    ScanContext context() {
        return context;
    }

    DirectoryScan directories() {
        return directories;
    }

    /** Blocks of the inode chunks, ascending within a group. */
    LongList chunks() {
        return chunks;
    }

    int inodesUsed(long group) {
        return inodesUsed.getOrDefault(group, 0);
    }

    boolean isStateSound() {
        return stateSound;
    }

    /** Whether the number of groups in use is known. */
    boolean areGroupsKnown() {
        return groupsKnown;
    }

    Scan run(CheckProgress progress) {
        superblocks();
        lanes();
        state();
        groups.claimFixed();
        for (long group = 0; group < context.groupsInUse(); group++) {
            groups.chunks(group, blockNo -> {
                if (inodes.claimChunk(blockNo)) {
                    chunks.add(blockNo);
                }
            });
        }
        inodes.root();
        rootChunk();
        long whole = chunks.size() + context.groupsInUse();
        for (int i = 0; i < chunks.size(); i++) {
            progress.done(i, whole);
            inodesUsed.merge(Geometry.groupOf(chunks.get(i)), inodes.chunk(chunks.get(i)), Integer::sum);
        }
        if (stateSound) {
            links.orphans(state);
        } else {
            links.orphansUnknown();
        }
        directories.entries();
        links.judge();
        for (long group = 0; group < context.groupsInUse(); group++) {
            progress.done(chunks.size() + group, whole);
            groups.compare(group, inodesUsed(group));
        }
        progress.done(whole, whole);
        context.count("groupsInUse", context.groupsInUse());
        context.count("inodes", context.inodes().size());
        return this;
    }

    private void superblocks() {
        long replicaBlock = context.geometry().replicaBlock();
        superblock(Geometry.SUPERBLOCK, "superblock");
        superblock(replicaBlock, "superblock replica");
    }

    private void superblock(long blockNo, String structure) {
        Superblock found = Superblock.read(context.image(), blockNo);
        String problem = found.problem();
        if (found.sound() && !Arrays.equals(found.bytes(), context.superblock().copyFor(blockNo))) {
            problem = "differs from the other copy";
        }
        if (problem != null) {
            context.report(structure, Units.blockToBytes(blockNo), problem);
            context.fixes().superblocks.add(blockNo);
        }
    }

    private void lanes() {
        byte[] header = new byte[LaneLayout.RECORD];
        for (int lane = 0; lane < context.geometry().laneCount(); lane++) {
            long offset = context.geometry().laneOffset(lane);
            String problem = context.image().read(offset, header, header.length)
                    ? context.blockProblem(
                            header, LaneLayout.MAGIC_VALUE, LaneLayout.CHECKED_BYTES, Units.blockOf(offset))
                    : "can not be read";
            if (problem == null && Bytes.getLong(header, LaneLayout.INDEX) != lane) {
                problem = "says it is lane " + Bytes.getLong(header, LaneLayout.INDEX);
            }
            if (problem != null) {
                context.report("journal lane", offset, "lane " + lane + ": " + problem);
                context.fixes().lanes.add(lane);
            }
        }
    }

    private void state() {
        long offset = Units.blockToBytes(Geometry.STATE_BLOCK);
        String problem = context.image().readBlock(Geometry.STATE_BLOCK, state)
                ? context.blockProblem(state, StateLayout.MAGIC_VALUE, StateLayout.CHECKED_BYTES, Geometry.STATE_BLOCK)
                : "can not be read";
        long groupCount = Bytes.getLong(state, StateLayout.GROUPS_IN_USE);
        if (problem == null
                && (groupCount < 1 || groupCount > context.geometry().groupCount())) {
            problem = groupCount + " groups in use of " + context.geometry().groupCount();
        }
        long mountState = Bytes.getLong(state, StateLayout.MOUNT_STATE);
        if (mountState != CLEAN && mountState != MOUNTED) {
            context.report("volume state", offset + StateLayout.MOUNT_STATE, "mount state " + mountState);
            context.fixes().stateWords.put(StateLayout.MOUNT_STATE, (long) MOUNTED);
        }
        stateSound = problem == null;
        if (!stateSound) {
            context.report("volume state", offset, problem);
        }
        context.groupsInUse(stateSound ? groupCount : groupsByDescriptors());
    }

    /**
     * Groups that were initialised, told by their descriptors: up to the last sound one, and behind it what is not
     * all zeroes, as one that was never written is.
     */
    private long groupsByDescriptors() {
        byte[] descriptor = new byte[GroupLayout.CHECKED_BYTES];
        long end = 1;
        for (long group = 1; group < context.geometry().groupCount(); group++) {
            if (readDescriptor(group, descriptor)
                    && context.frameProblem(descriptor, GroupLayout.MAGIC_VALUE, GroupLayout.CHECKED_BYTES, group)
                            == null) {
                end = group + 1;
            }
        }
        while (end < context.geometry().groupCount()) {
            if (!readDescriptor(end, descriptor)) {
                context.report(
                        "group descriptor",
                        context.geometry().descriptorOffset(end),
                        "group " + end + ": can not be read, and may be in use");
                groupsKnown = false;
                break;
            }
            if (Arrays.equals(descriptor, new byte[descriptor.length])) {
                break;
            }
            end++;
        }
        return end;
    }

    private boolean readDescriptor(long group, byte[] descriptor) {
        return context.image().read(context.geometry().descriptorOffset(group), descriptor, descriptor.length);
    }

    private void rootChunk() {
        long rootChunk = Units.blockOf(context.superblock().rootInodeOffset());
        for (int i = 0; i < chunks.size(); i++) {
            if (chunks.get(i) == rootChunk) {
                return;
            }
        }
        context.report(
                "inode-chunk map", Units.blockToBytes(rootChunk), "the root's inode does not lie in an inode chunk");
        context.ownershipUnknown();
        context.namesUnknown();
    }
}
