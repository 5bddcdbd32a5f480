package org.radax.core.alloc;

import java.util.concurrent.locks.ReentrantLock;
import org.radax.core.format.Geometry;
import org.radax.core.unit.Units;

/**
 * The volatile state of an allocation group: which blocks are taken, durably or by a transaction in flight. Blocks
 * are numbered within the group here. All methods but {@link #commitLock} demand the group's monitor.
 */
final class Group {
    static final int RUNS = Geometry.GROUP_BLOCKS / Units.RUN_BLOCKS;
    private static final int RUN_WORDS = Units.RUN_BLOCKS / Long.SIZE;

    /** Held from staging the group's bitmap until the record is retired. */
    final ReentrantLock commitLock = new ReentrantLock();

    final long number;
    private final GroupIndex index;
    private final long[] taken;
    private final short[] freeInRun = new short[RUNS];
    private int free;
    private int wholeRuns;
    private long backedRuns;
    private long discardedRuns;
    private int nextRun;

    /** Takes the array: bit set means taken, bits beyond the group's end are set. The index is told of each change. */
    Group(long number, long[] taken, GroupIndex index) {
        this.number = number;
        this.index = index;
        this.taken = taken;
        for (int run = 0; run < RUNS; run++) {
            int used = 0;
            for (int w = run * RUN_WORDS; w < (run + 1) * RUN_WORDS; w++) {
                used += Long.bitCount(taken[w]);
            }
            freeInRun[run] = (short) (Units.RUN_BLOCKS - used);
            free += freeInRun[run];
            if (freeInRun[run] == Units.RUN_BLOCKS) {
                wholeRuns++;
            }
        }
        note();
    }

    private void note() {
        index.note(number, wholeRuns > 0, freeInBrokenRuns() > 0);
    }

    int free() {
        return free;
    }

    /** Free blocks outside wholly free runs: where small files go. */
    int freeInBrokenRuns() {
        return free - wholeRuns * Units.RUN_BLOCKS;
    }

    int wholeRuns() {
        return wholeRuns;
    }

    boolean isWholeRun(int run) {
        return freeInRun[run] == Units.RUN_BLOCKS;
    }

    boolean isFree(int block) {
        return (taken[block >>> 6] & 1L << block) == 0;
    }

    /** Free blocks from {@code block} on, at most {@code most}. */
    int freeLength(int block, int most) {
        int end = Math.min(block + most, Geometry.GROUP_BLOCKS);
        int at = block;
        while (at < end) {
            long word = taken[at >>> 6] >>> at;
            if (word != 0) {
                return Math.min(at + Long.numberOfTrailingZeros(word), end) - block;
            }
            at = (at | 63) + 1;
        }
        return end - block;
    }

    private int nextFree(int block, int end) {
        int at = block;
        while (at < end) {
            long word = ~taken[at >>> 6] >>> at;
            if (word != 0) {
                return Math.min(at + Long.numberOfTrailingZeros(word), end);
            }
            at = (at | 63) + 1;
        }
        return end;
    }

    /** First gap of at least {@code length} blocks inside runs that are broken already; -1 if none. */
    int findInBrokenRuns(int length) {
        for (int i = 0; i < RUNS; i++) {
            int run = (nextRun + i) & (RUNS - 1);
            if (freeInRun[run] >= Math.min(length, Units.RUN_BLOCKS) && !isWholeRun(run)) {
                int found = findInRun(run, length);
                if (found >= 0) {
                    nextRun = run;
                    return found;
                }
            }
        }
        return -1;
    }

    private int findInRun(int run, int length) {
        int end = (run + 1) * Units.RUN_BLOCKS;
        int at = nextFree(run * Units.RUN_BLOCKS, end);
        while (at < end) {
            int gap = freeLength(at, Math.min(length, end - at));
            if (gap >= length) {
                return at;
            }
            at = nextFree(at + gap, end);
        }
        return -1;
    }

    /** The longest gap that starts in a broken run, in {@code result} (block, length); false if there is none. */
    boolean findLongest(int[] result) {
        result[1] = 0;
        int at = nextFree(0, Geometry.GROUP_BLOCKS);
        while (at < Geometry.GROUP_BLOCKS) {
            int gap = freeLength(at, Geometry.GROUP_BLOCKS);
            if (gap > result[1]) {
                result[0] = at;
                result[1] = gap;
            }
            at = nextFree(at + gap, Geometry.GROUP_BLOCKS);
        }
        return result[1] > 0;
    }

    /** The first gap inside a run, in {@code result} (block, length); false if there is none. */
    boolean findInRun(int run, int[] result) {
        int end = (run + 1) * Units.RUN_BLOCKS;
        result[0] = nextFree(run * Units.RUN_BLOCKS, end);
        result[1] = freeLength(result[0], end - result[0]);
        return result[1] > 0;
    }

    /** First wholly free run; -1 if none. */
    int findWholeRun() {
        if (wholeRuns == 0) {
            return -1;
        }
        for (int run = 0; run < RUNS; run++) {
            if (isWholeRun(run)) {
                return run;
            }
        }
        return -1;
    }

    void take(int block, int count) {
        change(block, count, true);
    }

    void give(int block, int count) {
        change(block, count, false);
    }

    private void change(int block, int count, boolean take) {
        int end = block + count;
        int at = block;
        while (at < end) {
            int inWord = Math.min(end - at, Long.SIZE - (at & 63));
            long mask = (inWord == Long.SIZE ? -1L : (1L << inWord) - 1) << at;
            long before = taken[at >>> 6];
            if ((take ? before & mask : ~before & mask) != 0) {
                throw new IllegalStateException(
                        (take ? "taken twice" : "given twice") + ": group " + number + ", block " + at);
            }
            taken[at >>> 6] = before ^ mask;
            int run = at / Units.RUN_BLOCKS;
            if (isWholeRun(run)) {
                wholeRuns--;
            }
            freeInRun[run] += (short) (take ? -inWord : inWord);
            if (isWholeRun(run)) {
                wholeRuns++;
            }
            at += inWord;
        }
        free += take ? -count : count;
        note();
    }

    /** Whether the host set memory aside for the run since the mount: before it only the host knows. */
    boolean isBacked(int run) {
        return (backedRuns & 1L << run) != 0;
    }

    void setBacked(int run) {
        backedRuns |= 1L << run;
        discardedRuns &= ~(1L << run);
    }

    /** Whether the host has the run's memory back for sure. */
    boolean isDiscarded(int run) {
        return (discardedRuns & 1L << run) != 0;
    }

    void setDiscarded(int run) {
        discardedRuns |= 1L << run;
        backedRuns &= ~(1L << run);
    }
}
