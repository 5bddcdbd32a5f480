package org.radax.core.check;

import java.util.HashSet;
import java.util.Set;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Groups: finds their inode chunks before the inodes are read, and compares maps and counts afterwards. */
final class GroupScan {
    private static final String DESCRIPTOR = "group descriptor";
    private static final String BITMAP = "block bitmap";
    private static final String CHUNK_MAP = "inode-chunk map";

    /** Receives the block numbers of a group's inode chunks, ascending. */
    interface ChunkVisitor {
        void chunk(long blockNo);
    }

    private final ScanContext context;
    private final Geometry geometry;
    private final byte[] descriptor = new byte[GroupLayout.CHECKED_BYTES];
    private final byte[] map = new byte[Units.BLOCK_BYTES];
    private final byte[] header = new byte[ChunkLayout.CHECKED_BYTES];

    GroupScan(ScanContext context) {
        this.context = context;
        this.geometry = context.geometry();
    }

    /** Claims the fixed structures of all groups in use. */
    void claimFixed() {
        for (long group = 0; group < context.groupsInUse(); group++) {
            long first = Geometry.firstBlock(group);
            int end = geometry.blocksIn(group);
            context.claims().claimAll(first, geometry.fixedBlocksIn(group));
            context.claims().claimAll(first + end, Geometry.GROUP_BLOCKS - end);
            if (group == Geometry.groupOf(geometry.replicaBlock())) {
                context.claims().claim(geometry.replicaBlock());
            }
        }
    }

    /** Names the group's chunks: by its map, or if that can not be trusted by looking at every block. */
    void chunks(long group, ChunkVisitor visitor) {
        long mapBlock = geometry.chunkMapBlock(group);
        String problem = readDescriptor(group);
        if (problem != null) {
            context.report(DESCRIPTOR, geometry.descriptorOffset(group), "group " + group + ": " + problem);
            context.fixes().groups.add(group);
        }
        boolean readable = context.image().readBlock(mapBlock, map);
        boolean trusted =
                problem == null && readable && mapChecksum() == Bytes.getInt(descriptor, GroupLayout.CHUNKS_CHECKSUM);
        if (trusted) {
            visitMarked(group, map.clone(), visitor);
            return;
        }
        if (problem == null) {
            context.report(CHUNK_MAP, Units.blockToBytes(mapBlock), readable ? "wrong checksum" : "can not be read");
        }
        if (readable) {
            context.fixes().groups.add(group);
            searchChunks(group, visitor);
        } else {
            context.ownershipUnknown();
            context.namesUnknown();
        }
    }

    private void visitMarked(long group, byte[] bits, ChunkVisitor visitor) {
        int end = geometry.blocksIn(group);
        for (int at = 0; at < end; at += Long.SIZE) {
            for (long left = Bytes.getLong(bits, at / Byte.SIZE); left != 0; left &= left - 1) {
                int i = at + Long.numberOfTrailingZeros(left);
                if (i < end) {
                    visitor.chunk(Geometry.firstBlock(group) + i);
                }
            }
        }
    }

    private String readDescriptor(long group) {
        return context.image().read(geometry.descriptorOffset(group), descriptor, descriptor.length)
                ? context.frameProblem(descriptor, GroupLayout.MAGIC_VALUE, GroupLayout.CHECKED_BYTES, group)
                : "can not be read";
    }

    private int mapChecksum() {
        return context.checksum().of(map, map.length, -1);
    }

    /** Chunks say themselves what they are, and an unused one is no loss. */
    private void searchChunks(long group, ChunkVisitor visitor) {
        Set<Long> found = new HashSet<>();
        for (int i = geometry.fixedBlocksIn(group); i < geometry.blocksIn(group); i++) {
            long blockNo = Geometry.firstBlock(group) + i;
            if (context.image().read(Units.blockToBytes(blockNo), header, header.length)
                    && Bytes.getInt(header, ChunkLayout.MAGIC) == ChunkLayout.MAGIC_VALUE
                    && context.blockProblem(header, ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES, blockNo) == null
                    && Bytes.getLong(header, ChunkLayout.USED) != 0) {
                found.add(blockNo);
                visitor.chunk(blockNo);
            }
        }
        context.fixes().chunks.put(group, found);
    }

    /** Compares a group's block bitmap and counts with what was claimed. */
    void compare(long group, int inodesUsed) {
        boolean descriptorSound = readDescriptor(group) == null;
        long bitmapOffset = Units.blockToBytes(geometry.bitmapBlock(group));
        if (!context.image().readBlock(geometry.bitmapBlock(group), map)) {
            context.report(BITMAP, bitmapOffset, "can not be read");
            return;
        }
        int free = 0;
        int missing = 0;
        int leaked = 0;
        for (int word = 0; word < map.length / Long.BYTES; word++) {
            long stored = Bytes.getLong(map, word * Long.BYTES);
            long claimed = context.claims().word(group, word);
            free += Long.bitCount(~stored);
            missing += Long.bitCount(claimed & ~stored);
            leaked += Long.bitCount(stored & ~claimed);
        }
        context.count("blocksFree", free);
        context.count("blocksUsed", geometry.blocksIn(group) - free);
        problem(missing > 0, group, BITMAP, bitmapOffset, missing + " blocks in use are marked free");
        problem(
                leaked > 0 && context.isOwnershipKnown(),
                group,
                BITMAP,
                bitmapOffset,
                leaked + " blocks marked in use belong to nothing");
        if (descriptorSound) {
            long at = geometry.descriptorOffset(group);
            problem(
                    mapChecksum() != Bytes.getInt(descriptor, GroupLayout.BITMAP_CHECKSUM),
                    group,
                    BITMAP,
                    bitmapOffset,
                    "wrong checksum");
            countProblem(group, at, "free blocks", Bytes.getInt(descriptor, GroupLayout.FREE_BLOCKS), free);
            countProblem(group, at, "inodes in use", Bytes.getInt(descriptor, GroupLayout.INODES_USED), inodesUsed);
        }
    }

    private void countProblem(long group, long at, String what, int stored, int counted) {
        problem(
                stored != counted,
                group,
                DESCRIPTOR,
                at,
                "group " + group + ": says " + stored + " " + what + ", counted " + counted);
    }

    private void problem(boolean is, long group, String structure, long poolOffset, String message) {
        if (is) {
            context.report(structure, poolOffset, message);
            context.fixes().groups.add(group);
        }
    }
}
