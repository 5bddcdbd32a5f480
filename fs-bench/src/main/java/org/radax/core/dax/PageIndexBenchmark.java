package org.radax.core.dax;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.radax.bench.DirtyShare;
import org.radax.bench.Pages;
import org.radax.bench.SparsePages;
import org.radax.bench.TreeMapBenchmark;

/** What the index costs; {@link TreeMapBenchmark} does the same with a map. In this package to reach it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class PageIndexBenchmark {
    private static void put(PageIndex index, long page) {
        while (!index.put(page, Entry.of(page, 0))) {
            index.supply(index.newSlab());
        }
    }

    /** All of the tracked pages. */
    @State(Scope.Thread)
    public static class Tracked {
        final PageIndex index = new PageIndex();

        @Setup(Level.Trial)
        public void track(Pages pages) {
            for (int i = 0; i < pages.count; i++) {
                put(index, pages.tracked(i));
            }
        }
    }

    /** Of an index that holds all of the tracked pages. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Memory {
        public double bytesPerPage;
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public long lookUp(Tracked tracked, Pages pages, Memory memory) {
        PageIndex index = tracked.index;
        memory.bytesPerPage = (double) index.memoryBytes() / index.entries();
        long sum = 0;
        for (int i = 0; i < Pages.BATCH; i++) {
            sum += index.get(pages.next());
        }
        return sum;
    }

    /** From nothing to all of the tracked pages. */
    @State(Scope.Thread)
    public static class Filled {
        PageIndex index = new PageIndex();

        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) {
            if (pages.rewind()) {
                index = new PageIndex();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void fill(Filled filled, Pages pages) {
        PageIndex index = filled.index;
        for (int i = 0; i < Pages.BATCH; i++) {
            put(index, pages.next());
        }
    }

    /** The tracked pages, and for the time of one invocation a batch more. */
    @State(Scope.Thread)
    public static class Growing extends Tracked {
        @TearDown(Level.Invocation)
        public void shrink(Pages pages) {
            for (int i = 0; i < Pages.BATCH; i++) {
                index.remove(pages.untracked(i));
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void insert(Growing growing, Pages pages) {
        PageIndex index = growing.index;
        for (int i = 0; i < Pages.BATCH; i++) {
            put(index, pages.untracked(i));
        }
    }

    /** The tracked pages, more and more of them dirty. */
    @State(Scope.Thread)
    public static class Tagged extends Tracked {
        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) {
            if (pages.rewind()) {
                for (int i = 0; i < pages.count; i++) {
                    index.clearTag(pages.tracked(i), PageIndex.DIRTY);
                }
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void tag(Tagged tagged, Pages pages) {
        PageIndex index = tagged.index;
        for (int i = 0; i < Pages.BATCH; i++) {
            index.setTag(pages.next(), PageIndex.DIRTY, 1);
        }
    }

    /** The tracked pages, a share of them dirty. */
    @State(Scope.Thread)
    public static class Dirty {
        private final PageIndex index = new PageIndex();

        @Setup(Level.Trial)
        public void track(Pages pages, DirtyShare share) {
            for (int i = 0; i < pages.count; i++) {
                put(index, pages.tracked(i));
            }
            for (int i = 0; i < share.of(pages.count); i++) {
                index.setTag(pages.tracked(i), PageIndex.DIRTY, 1);
            }
        }
    }

    /** From any page on. */
    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public long nextDirty(Dirty dirty, Pages pages) {
        PageIndex index = dirty.index;
        long sum = 0;
        for (int i = 0; i < Pages.BATCH; i++) {
            sum += index.nextTagged(pages.next(), PageIndex.MAX_PAGES, PageIndex.DIRTY);
        }
        return sum;
    }

    /** The dirty pages of a sparse file. */
    @State(Scope.Thread)
    public static class Sparse {
        private final PageIndex index = new PageIndex();

        @Setup(Level.Trial)
        public void track(SparsePages pages) {
            for (long page : pages.tracked()) {
                put(index, page);
            }
            for (long page : pages.dirty()) {
                index.setTag(page, PageIndex.DIRTY, 1);
            }
        }
    }

    /** All of them, one after the other. */
    @Benchmark
    @OperationsPerInvocation(SparsePages.DIRTY)
    public int findDirty(Sparse sparse) {
        PageIndex index = sparse.index;
        int found = 0;
        for (long page = index.nextTagged(0, PageIndex.MAX_PAGES, PageIndex.DIRTY);
                page != PageIndex.NOWHERE;
                page = index.nextTagged(page + 1, PageIndex.MAX_PAGES, PageIndex.DIRTY)) {
            found++;
        }
        return SparsePages.expectAll(found);
    }
}
