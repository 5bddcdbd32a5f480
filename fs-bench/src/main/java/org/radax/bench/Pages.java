package org.radax.bench;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The page numbers of a benchmark, in random order: some that are tracked, and a batch that is not. */
@State(Scope.Thread)
public class Pages {
    /** Operations of one invocation: long against the clock's grain. */
    public static final int BATCH = 1 << 14;

    /** Of the file the pages lie in: 1 TiB. */
    public static final long FILE_PAGES = 1L << 28;

    /** How pages lie in the file. */
    public enum Pattern {
        /** All of them side by side, from the file's beginning. */
        DENSE,
        /** In runs of 1 MiB, each somewhere. */
        CLUSTERED,
        /** Each somewhere. */
        UNIFORM
    }

    @Param({"DENSE", "CLUSTERED", "UNIFORM"})
    public Pattern pattern;

    @Param("1000000")
    public int count;

    private long[] numbers;
    private int next;

    @Setup(Level.Trial)
    public void choose() {
        Random random = new Random(1);
        int total = count + BATCH;
        numbers = switch (pattern) {
            case DENSE -> runs(random, total, total, total);
            case CLUSTERED -> runs(random, total, 256, FILE_PAGES);
            case UNIFORM -> runs(random, total, 1, FILE_PAGES);
        };
        shuffle(random, numbers, 0, count);
        shuffle(random, numbers, count, total);
    }

    /** Distinct pages below {@code end}, in aligned runs. */
    static long[] runs(Random random, int total, int runPages, long end) {
        long[] numbers = new long[total];
        Set<Long> taken = new HashSet<>();
        for (int i = 0; i < total; ) {
            long run = random.nextLong(end / runPages);
            if (taken.add(run)) {
                for (int j = 0; j < runPages && i < total; j++) {
                    numbers[i++] = run * runPages + j;
                }
            }
        }
        return numbers;
    }

    private static void shuffle(Random random, long[] numbers, int start, int end) {
        for (int i = end - 1; i > start; i--) {
            int j = random.nextInt(start, i + 1);
            long number = numbers[i];
            numbers[i] = numbers[j];
            numbers[j] = number;
        }
    }

    /** One of the tracked pages; each as often as any other. */
    public long next() {
        if (next == count) {
            next = 0;
        }
        return numbers[next++];
    }

    /** Begins anew if less than a batch of the round is left: true then. */
    public boolean rewind() {
        boolean isShort = count - next < BATCH;
        if (isShort) {
            next = 0;
        }
        return isShort;
    }

    /** The i-th of the tracked pages. */
    public long tracked(int i) {
        return numbers[i];
    }

    /** The i-th of the pages that are not tracked. */
    public long untracked(int i) {
        return numbers[count + i];
    }
}
