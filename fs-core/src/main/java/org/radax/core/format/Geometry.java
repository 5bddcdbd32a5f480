package org.radax.core.format;

import org.radax.core.unit.Units;

/** Where the fixed structures of a pool lie. docs/FORMAT.md §1, §6. All numbers are blocks unless named otherwise. */
public final class Geometry {
    public static final int FORMAT_MAJOR = 0;
    public static final int FORMAT_MINOR = 1;
    public static final long MIN_POOL_BYTES = 16L << 20;
    public static final long MAX_POOL_BYTES = 16L << 40;
    public static final int GROUP_SHIFT = 15;
    /** Blocks of a whole group: 128 MiB, one bitmap block. */
    public static final int GROUP_BLOCKS = 1 << GROUP_SHIFT;

    public static final long SUPERBLOCK = 0;
    public static final long STATE_BLOCK = 1;
    public static final long FIRST_LANE = 2;
    public static final int INODE_BYTES = 256;
    public static final int CHUNK_SLOTS = Units.BLOCK_BYTES / INODE_BYTES;

    private final long sizeBytes;
    private final int laneCount;
    private final int laneBytes;
    private final boolean dataChecksums;

    /** {@code dataChecksums}: each group has a table of them. */
    public Geometry(long sizeBytes, int laneCount, int laneBytes, boolean dataChecksums) {
        this.sizeBytes = sizeBytes;
        this.laneCount = laneCount;
        this.laneBytes = laneBytes;
        this.dataChecksums = dataChecksums;
    }

    /** What mkfs chooses for a size: four lanes of 64 KiB on small pools, sixteen of 128 KiB on others. */
    public static Geometry forNewPool(long sizeBytes, boolean dataChecksums) {
        return sizeBytes < 256L << 20
                ? new Geometry(sizeBytes, 4, 64 << 10, dataChecksums)
                : new Geometry(sizeBytes, 16, 128 << 10, dataChecksums);
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public long blockCount() {
        return Units.blockOf(sizeBytes);
    }

    public int laneCount() {
        return laneCount;
    }

    public int laneBytes() {
        return laneBytes;
    }

    /** Pool offset of a lane, in bytes. */
    public long laneOffset(int lane) {
        return Units.blockToBytes(FIRST_LANE) + (long) lane * laneBytes;
    }

    public long groupTable() {
        return FIRST_LANE + Units.blocksFor((long) laneCount * laneBytes);
    }

    public long groupTableBlocks() {
        return Units.blocksFor(groupCount() * GroupLayout.CHECKED_BYTES);
    }

    public long groupCount() {
        return (blockCount() + GROUP_BLOCKS - 1) >>> GROUP_SHIFT;
    }

    /** Pool offset of a group's descriptor, in bytes. */
    public long descriptorOffset(long group) {
        return Units.blockToBytes(groupTable()) + group * GroupLayout.CHECKED_BYTES;
    }

    public static long groupOf(long blockNo) {
        return blockNo >>> GROUP_SHIFT;
    }

    public static long firstBlock(long group) {
        return group << GROUP_SHIFT;
    }

    /** Blocks that belong to a group: fewer than {@link #GROUP_BLOCKS} in the last one only. */
    public int blocksIn(long group) {
        return (int) Math.min(GROUP_BLOCKS, blockCount() - firstBlock(group));
    }

    /** Block of a group's block bitmap. */
    public long bitmapBlock(long group) {
        return group == 0 ? groupTable() + groupTableBlocks() : firstBlock(group);
    }

    /** Block of a group's inode-chunk map. */
    public long chunkMapBlock(long group) {
        return bitmapBlock(group) + 1;
    }

    public boolean hasDataChecksums() {
        return dataChecksums;
    }

    /** Pool offset of the word with the checksum of a block; of pools that have them. */
    public long checksumOffset(long blockNo) {
        return Units.blockToBytes(chunkMapBlock(groupOf(blockNo)) + 1) + (blockNo & (GROUP_BLOCKS - 1)) * Integer.BYTES;
    }

    private int checksumBlocks() {
        return dataChecksums ? GROUP_BLOCKS * Integer.BYTES / Units.BLOCK_BYTES : 0;
    }

    public long replicaBlock() {
        return blockCount() - 1;
    }

    /** Blocks [0, n) are fixed structures in group 0, its maps included. */
    public long fixedBlocks() {
        return chunkMapBlock(0) + 1 + checksumBlocks();
    }

    /**
     * Blocks of a group's start that are never free: its maps and table, and in group 0 everything before.
     */
    public int fixedBlocksIn(long group) {
        return group == 0 ? Math.toIntExact(fixedBlocks()) : 2 + checksumBlocks();
    }
}
