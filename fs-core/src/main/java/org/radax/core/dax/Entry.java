package org.radax.core.dax;

import org.radax.core.unit.Units;

/**
 * What the index holds for a page: one word, never 0. The kernel's {@code DAX_*} bits (fs/dax.c), and the pool block.
 *
 * <pre>
 *    63          44 43                    12 11        6    5     4      3     2      1      0
 *   +--------------+------------------------+-----------+------+-----+------+------+------+---+
 *   |    holder    |       pool block       |  unused   |SHARED|EMPTY| HOLE | HUGE |LOCKED| 1 |
 *   +--------------+------------------------+-----------+------+-----+------+------+------+---+
 * </pre>
 */
final class Entry {
    /** What an empty slot of the index reads as. */
    static final long NONE = 0;

    static final long VALUE = 1;
    /** Somebody works on the page (D09). */
    static final long LOCKED = 1 << 1;
    /** Stands for 2 MiB. */
    static final long HUGE = 1 << 2;
    /** A hole that was loaded from: the shared zero page is mapped (D13). */
    static final long HOLE = 1 << 3;
    /** Holds a lock only; nothing is mapped. */
    static final long EMPTY = 1 << 4;
    /** The block belongs to several files: for reflinks to come. */
    static final long SHARED = 1 << 5;

    /** Pages of a huge entry. */
    static final int HUGE_PAGES = Units.RUN_BLOCKS;

    private static final int BLOCK_SHIFT = 12;
    private static final long BLOCK_MASK = (1L << 32) - 1;
    private static final int HOLDER_SHIFT = 44;
    private static final long HOLDER_MASK = -1L << HOLDER_SHIFT;

    private Entry() {}

    /** {@code flags}: HUGE, HOLE and EMPTY. A pool has up to 2³² blocks. */
    static long of(long poolBlock, long flags) {
        return VALUE | flags | (poolBlock << BLOCK_SHIFT);
    }

    static long block(long entry) {
        return (entry >>> BLOCK_SHIFT) & BLOCK_MASK;
    }

    static boolean is(long entry, long flags) {
        return (entry & flags) != 0;
    }

    /** Locked, with who did it: the lower 20 bits of a thread's number. */
    static long locked(long entry, long threadId) {
        return (entry & ~HOLDER_MASK) | LOCKED | (threadId << HOLDER_SHIFT);
    }

    static long unlocked(long entry) {
        return entry & ~(LOCKED | HOLDER_MASK);
    }

    static long holder(long entry) {
        return entry >>> HOLDER_SHIFT;
    }

    static int pages(long entry) {
        return is(entry, HUGE) ? HUGE_PAGES : 1;
    }

    /** The first page an entry stands for that stands for {@code page}. */
    static long first(long entry, long page) {
        return is(entry, HUGE) ? page & -HUGE_PAGES : page;
    }
}
