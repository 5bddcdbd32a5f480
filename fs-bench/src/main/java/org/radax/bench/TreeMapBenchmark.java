package org.radax.bench;

import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@code PageIndexBenchmark} measures, done by ordered maps: one from pages to entries, and for a tag one from
 * tagged pages to when they were tagged, so that the next one is found without a walk over untagged pages.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class TreeMapBenchmark {
    /** All of the tracked pages. */
    @State(Scope.Thread)
    public static class Tracked {
        final TreeMap<Long, Long> entries = new TreeMap<>();

        @Setup(Level.Trial)
        public void track(Pages pages) {
            for (int i = 0; i < pages.count; i++) {
                entries.put(pages.tracked(i), pages.tracked(i));
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public long lookUp(Tracked tracked, Pages pages) {
        TreeMap<Long, Long> entries = tracked.entries;
        long sum = 0;
        for (int i = 0; i < Pages.BATCH; i++) {
            sum += entries.get(pages.next());
        }
        return sum;
    }

    /** From nothing to all of the tracked pages. */
    @State(Scope.Thread)
    public static class Filled {
        TreeMap<Long, Long> entries = new TreeMap<>();

        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) {
            if (pages.rewind()) {
                entries = new TreeMap<>();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void fill(Filled filled, Pages pages) {
        TreeMap<Long, Long> entries = filled.entries;
        for (int i = 0; i < Pages.BATCH; i++) {
            long page = pages.next();
            entries.put(page, page);
        }
    }

    /** The tracked pages, and for the time of one invocation a batch more. */
    @State(Scope.Thread)
    public static class Growing extends Tracked {
        @TearDown(Level.Invocation)
        public void shrink(Pages pages) {
            for (int i = 0; i < Pages.BATCH; i++) {
                entries.remove(pages.untracked(i));
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void insert(Growing growing, Pages pages) {
        TreeMap<Long, Long> entries = growing.entries;
        for (int i = 0; i < Pages.BATCH; i++) {
            long page = pages.untracked(i);
            entries.put(page, page);
        }
    }

    /** More and more of the tracked pages. */
    @State(Scope.Thread)
    public static class Tagged {
        final TreeMap<Long, Long> dirtySince = new TreeMap<>();

        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) {
            if (pages.rewind()) {
                dirtySince.clear();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void tag(Tagged tagged, Pages pages) {
        TreeMap<Long, Long> dirtySince = tagged.dirtySince;
        for (int i = 0; i < Pages.BATCH; i++) {
            dirtySince.put(pages.next(), 1L);
        }
    }

    /** A share of the tracked pages. */
    @State(Scope.Thread)
    public static class Dirty {
        final TreeMap<Long, Long> dirtySince = new TreeMap<>();

        @Setup(Level.Trial)
        public void tag(Pages pages, DirtyShare share) {
            for (int i = 0; i < share.of(pages.count); i++) {
                dirtySince.put(pages.tracked(i), 1L);
            }
        }
    }

    /** From any page on. */
    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public long nextDirty(Dirty dirty, Pages pages) {
        TreeMap<Long, Long> dirtySince = dirty.dirtySince;
        long sum = 0;
        for (int i = 0; i < Pages.BATCH; i++) {
            Long found = dirtySince.ceilingKey(pages.next());
            sum += found == null ? -1 : found;
        }
        return sum;
    }

    /** The dirty pages of a sparse file. */
    @State(Scope.Thread)
    public static class Sparse {
        private final TreeMap<Long, Long> dirtySince = new TreeMap<>();

        @Setup(Level.Trial)
        public void tag(SparsePages pages) {
            for (long page : pages.dirty()) {
                dirtySince.put(page, 1L);
            }
        }
    }

    /** All of them, one after the other. */
    @Benchmark
    @OperationsPerInvocation(SparsePages.DIRTY)
    public int findDirty(Sparse sparse) {
        TreeMap<Long, Long> dirtySince = sparse.dirtySince;
        int found = 0;
        for (Long page = dirtySince.ceilingKey(0L); page != null; page = dirtySince.ceilingKey(page + 1)) {
            found++;
        }
        return SparsePages.expectAll(found);
    }
}
