package org.radax.core.alloc;

/** What an allocation got: blocks {@code [start, start + count)}. Reused; not thread-safe. */
public final class BlockRange {
    long start;
    long count;

    public long start() {
        return start;
    }

    public long count() {
        return count;
    }
}
