package org.radax.core.check;

/** A file's blocks [fileBlock, +blockCount) at [blockNo, +blockCount). docs/FORMAT.md, "Tree node". */
record Extent(long fileBlock, long blockNo, long blockCount, boolean shared, boolean unwritten) {
    private static final int BLOCK_BITS = 36;
    private static final int COUNT_BITS = 26;
    private static final long SHARED = 1L << 62;
    private static final long UNWRITTEN = 1L << 63;

    static Extent of(long key, long value) {
        return new Extent(
                key,
                value & ((1L << BLOCK_BITS) - 1),
                value >>> BLOCK_BITS & ((1L << COUNT_BITS) - 1),
                (value & SHARED) != 0,
                (value & UNWRITTEN) != 0);
    }

    long value() {
        return blockNo | blockCount << BLOCK_BITS | (shared ? SHARED : 0) | (unwritten ? UNWRITTEN : 0);
    }

    Extent unshared() {
        return new Extent(fileBlock, blockNo, blockCount, false, unwritten);
    }

    /** The part of it that lies in pool blocks [start, start + length). */
    Extent part(long start, long length) {
        return new Extent(fileBlock + (start - blockNo), start, length, shared, unwritten);
    }
}
