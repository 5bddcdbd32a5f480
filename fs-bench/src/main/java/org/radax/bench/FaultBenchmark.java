package org.radax.bench;

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
import org.openjdk.jmh.annotations.Warmup;
import org.radax.core.dax.Faults;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.Threading;
import org.radax.core.dax.WaitTable;
import org.radax.core.error.FsException;

/** What entries and tags cost a fault, locks and all; the block look-up and the client's page table cost nothing here. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class FaultBenchmark {
    /** A file of which nothing is known yet. */
    @State(Scope.Thread)
    public static class Untouched {
        private final WaitTable waits = new WaitTable(Threading.NATIVE);
        private final Faults faults = new Faults();
        private final WholeFile blocks = new WholeFile();
        Mapping mapping = newMapping();

        Mapping newMapping() {
            return new Mapping(1, Threading.NATIVE, waits);
        }

        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) throws FsException {
            if (pages.rewind()) {
                mapping = newMapping();
            }
        }

        void touch(long page, boolean write) throws FsException {
            faults.touch(mapping, blocks, (first, block, count, writable) -> {}, page, write, 1);
        }
    }

    /** The first access to a page is a store: an entry, tagged. */
    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void write(Untouched file, Pages pages) throws FsException {
        for (int i = 0; i < Pages.BATCH; i++) {
            file.touch(pages.next(), true);
        }
    }

    /** A file of which all pages were loaded from. */
    @State(Scope.Thread)
    public static class Loaded extends Untouched {
        @Setup(Level.Trial)
        public void load(Pages pages) throws FsException {
            for (int i = 0; i < pages.count; i++) {
                touch(pages.tracked(i), false);
            }
        }

        @Override
        @Setup(Level.Invocation)
        public void beginAnew(Pages pages) throws FsException {
            if (pages.rewind()) {
                mapping = newMapping();
                load(pages);
            }
        }

        boolean store(long page) throws FsException {
            return super.faults.store(mapping, (first, block, count, writable) -> {}, page, 1);
        }
    }

    /** The first store to a page that was loaded from: a tag. */
    @Benchmark
    @OperationsPerInvocation(Pages.BATCH)
    public void store(Loaded file, Pages pages) throws FsException {
        for (int i = 0; i < Pages.BATCH; i++) {
            if (!file.store(pages.next())) {
                throw new AssertionError("a page is not tracked");
            }
        }
    }
}
