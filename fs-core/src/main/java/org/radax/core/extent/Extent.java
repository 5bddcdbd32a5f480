package org.radax.core.extent;

/** A stretch of a file that is mapped alike: to adjoining pool blocks, or not at all. Reused; not thread-safe. */
public final class Extent {
    long fileBlock;
    long poolBlock;
    long blockCount;
    boolean unwritten;

    public long fileBlock() {
        return fileBlock;
    }

    /** First pool block; meaningless in a hole. */
    public long poolBlock() {
        return poolBlock;
    }

    public long blockCount() {
        return blockCount;
    }

    public long end() {
        return fileBlock + blockCount;
    }

    /** Nothing is allocated: reads as zeroes. */
    public boolean isHole() {
        return poolBlock == 0;
    }

    /** Allocated, but reads as zeroes. */
    public boolean isUnwritten() {
        return unwritten;
    }

    public boolean hasData() {
        return poolBlock != 0 && !unwritten;
    }
}
