package org.radax.core.journal;

import java.util.Arrays;

/** The staged words of a transaction: pool offset to value. Reused, allocates only to grow. Not thread-safe. */
final class WordSet {
    private long[] offsets = new long[256];
    private long[] values = new long[256];
    private int count;
    private int[] index = new int[1024];

    int size() {
        return count;
    }

    long offset(int i) {
        return offsets[i];
    }

    long value(int i) {
        return values[i];
    }

    /** Where the word stands, or -1. */
    int find(long offset) {
        int mask = index.length - 1;
        for (int slot = slotOf(offset, mask); index[slot] != 0; slot = (slot + 1) & mask) {
            if (offsets[index[slot] - 1] == offset) {
                return index[slot] - 1;
            }
        }
        return -1;
    }

    void put(long offset, long value) {
        int at = find(offset);
        if (at >= 0) {
            values[at] = value;
            return;
        }
        if (count == offsets.length) {
            // All or none: there may be no memory.
            long[] moreOffsets = Arrays.copyOf(offsets, count * 2);
            long[] moreValues = Arrays.copyOf(values, count * 2);
            index = new int[index.length * 2];
            offsets = moreOffsets;
            values = moreValues;
            for (int i = 0; i < count; i++) {
                link(i);
            }
        }
        offsets[count] = offset;
        values[count] = value;
        link(count++);
    }

    private void link(int i) {
        int mask = index.length - 1;
        int slot = slotOf(offsets[i], mask);
        while (index[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        index[slot] = i + 1;
    }

    private static int slotOf(long offset, int mask) {
        return (int) (((offset >>> 3) * 0x9E3779B97F4A7C15L) >>> 40) & mask;
    }

    /** The offsets in ascending order, in {@code target}, grown if need be. */
    long[] sortedOffsets(long[] target) {
        long[] sorted = target.length < count ? new long[offsets.length] : target;
        System.arraycopy(offsets, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        return sorted;
    }

    void clear() {
        if (count > 0) {
            Arrays.fill(index, 0);
            count = 0;
        }
    }
}
