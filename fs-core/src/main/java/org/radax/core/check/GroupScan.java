package org.radax.core.check;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
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
    private final byte[] inode = new byte[InodeLayout.CHECKED_BYTES];

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
        }
        boolean readable = context.image().readBlock(mapBlock, map);
        boolean trusted =
                problem == null && readable && mapChecksum() == Bytes.getInt(descriptor, GroupLayout.CHUNKS_CHECKSUM);
        if (trusted) {
            visitMarked(group, map.clone(), visitor);
            return;
        }
        if (problem == null || !readable) {
            context.report(CHUNK_MAP, Units.blockToBytes(mapBlock), readable ? "wrong checksum" : "can not be read");
        }
        if (!readable) {
            Arrays.fill(map, (byte) 0);
        }
        context.fixes().groups.add(group);
        searchChunks(group, problem == null, readable, visitor);
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

    /** What a block looks like to who searches for chunks. */
    private enum Look {
        CHUNK,
        DAMAGED_CHUNK,
        DOUBTFUL,
        OTHER
    }

    /**
     * Chunks say themselves what they are, and an unused one is no loss. A damaged one may not say it: all are known
     * if the descriptor vouches for those found, or as far as it can not, if the map has no others.
     */
    private void searchChunks(long group, boolean descriptorSound, boolean mapReadable, ChunkVisitor visitor) {
        Set<Long> found = new TreeSet<>();
        Set<Long> marked = new HashSet<>();
        Set<Long> damaged = new HashSet<>();
        boolean doubtful = !mapReadable;
        for (int i = geometry.fixedBlocksIn(group); i < geometry.blocksIn(group); i++) {
            long blockNo = Geometry.firstBlock(group) + i;
            boolean isMarked = (map[i >>> 3] >>> (i & 7) & 1) != 0;
            if (isMarked) {
                marked.add(blockNo);
            }
            switch (look(blockNo, isMarked)) {
                case CHUNK -> found.add(blockNo);
                case DAMAGED_CHUNK -> damaged.add(blockNo);
                case DOUBTFUL -> doubtful = true;
                case OTHER -> {}
            }
        }
        boolean known = descriptorSound && isVouchedFor(found);
        if (!known) {
            found.addAll(damaged);
            known = descriptorSound && isVouchedFor(found);
        }
        if (known || (!doubtful && (!descriptorSound || found.equals(marked)))) {
            context.fixes().chunks.put(group, found);
        } else {
            context.report(
                    CHUNK_MAP,
                    Units.blockToBytes(geometry.chunkMapBlock(group)),
                    "group " + group + ": not all inode chunks can be known");
            context.chunksUnknown(group);
        }
        found.forEach(visitor::chunk);
    }

    private Look look(long blockNo, boolean isMarked) {
        if (!context.image().read(Units.blockToBytes(blockNo), header, header.length)) {
            return Look.DOUBTFUL;
        }
        boolean used = Bytes.getLong(header, ChunkLayout.USED) != 0;
        if (context.blockProblem(header, ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES, blockNo) == null) {
            return used || isMarked ? Look.CHUNK : Look.OTHER;
        }
        if ((used && hasMarks(blockNo)) || (isMarked && holdsInodes(blockNo))) {
            return Look.DAMAGED_CHUNK;
        }
        return isMarked ? Look.DOUBTFUL : Look.OTHER;
    }

    /** Whether the header is this block's and this volume's, though not as it was written. */
    private boolean hasMarks(long blockNo) {
        return Bytes.getInt(header, ChunkLayout.MAGIC) == ChunkLayout.MAGIC_VALUE
                && Bytes.getLong(header, ChunkLayout.LOCATION) == blockNo
                && Arrays.equals(
                        header,
                        ChunkLayout.UUID,
                        ChunkLayout.UUID + 16,
                        context.checksum().uuidBytes(),
                        0,
                        16);
    }

    private boolean holdsInodes(long blockNo) {
        for (int slot = 1; slot < Geometry.CHUNK_SLOTS; slot++) {
            long offset = Units.blockToBytes(blockNo) + (long) slot * Geometry.INODE_BYTES;
            long ino = offset == context.superblock().rootInodeOffset()
                    ? InodeTable.ROOT_INO
                    : blockNo * Geometry.CHUNK_SLOTS + slot;
            if (context.image().read(offset, inode, inode.length)
                    && context.frameProblem(inode, InodeLayout.MAGIC_VALUE, inode.length, ino) == null) {
                return true;
            }
        }
        return false;
    }

    /** Whether the descriptor's checksum is that of a map of these chunks. */
    private boolean isVouchedFor(Set<Long> chunks) {
        byte[] bits = new byte[Units.BLOCK_BYTES];
        for (long blockNo : chunks) {
            int i = (int) (blockNo - Geometry.firstBlock(Geometry.groupOf(blockNo)));
            bits[i >>> 3] |= (byte) (1 << (i & 7));
        }
        return context.checksum().of(bits, bits.length, -1) == Bytes.getInt(descriptor, GroupLayout.CHUNKS_CHECKSUM);
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
            if (context.areChunksKnown(group)) {
                countProblem(group, at, "inodes in use", Bytes.getInt(descriptor, GroupLayout.INODES_USED), inodesUsed);
            }
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
