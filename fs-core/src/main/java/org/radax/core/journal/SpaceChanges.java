package org.radax.core.journal;

import java.util.Arrays;

/**
 * What a transaction does to space: block ranges it claims and frees, inode chunks it makes and drops, inodes it
 * takes and gives. Noted here by whoever does it, staged into bitmaps and counts by the allocator just before the
 * commit. Not thread-safe: belongs to one transaction.
 */
public final class SpaceChanges {
    private final RangeList claimed = new RangeList();
    private final RangeList freed = new RangeList();
    private final RangeList chunks = new RangeList();
    private final RangeList inodes = new RangeList();
    private final RangeList locked = new RangeList();
    private long balance;

    /** A list of (number, number) pairs. */
    public static final class RangeList {
        private long[] pairs = new long[32];
        private int count;

        void add(long first, long second) {
            if (2 * count == pairs.length) {
                pairs = Arrays.copyOf(pairs, pairs.length * 2);
            }
            pairs[2 * count] = first;
            pairs[2 * count + 1] = second;
            count++;
        }

        public int size() {
            return count;
        }

        public long first(int i) {
            return pairs[2 * i];
        }

        public long second(int i) {
            return pairs[2 * i + 1];
        }
    }

    /** Blocks {@code [start, start + count)} become owned. */
    public void claim(long start, long count) {
        claimed.add(start, count);
        balance += count;
    }

    /** Blocks {@code [start, start + count)} become free. */
    public void free(long start, long count) {
        freed.add(start, count);
        balance -= count;
    }

    /** The block becomes an inode chunk, or stops being one. */
    public void chunk(long blockNo, boolean made) {
        chunks.add(blockNo, made ? 1 : 0);
    }

    /** One inode of the chunk is taken (+1) or given back (-1). */
    public void inode(long chunkBlock, int change) {
        inodes.add(chunkBlock, change);
    }

    /** The group is about to be locked until the transaction's end. */
    public void locked(long group) {
        locked.add(group, 0);
    }

    /** Blocks claimed less blocks freed so far: what an operation adds to its inode's block count. */
    public long balance() {
        return balance;
    }

    public RangeList claimed() {
        return claimed;
    }

    public RangeList freed() {
        return freed;
    }

    public RangeList chunks() {
        return chunks;
    }

    public RangeList inodes() {
        return inodes;
    }

    /** Groups, first of each pair. */
    public RangeList locked() {
        return locked;
    }

    public boolean isEmpty() {
        return claimed.count + freed.count + chunks.count + inodes.count == 0;
    }

    void clear() {
        claimed.count = 0;
        freed.count = 0;
        chunks.count = 0;
        inodes.count = 0;
        locked.count = 0;
        balance = 0;
    }
}
