package org.radax.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.radax.core.dax.Faults;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.Threading;
import org.radax.core.dax.WaitTable;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolFile;
import org.radax.core.unit.Units;
import org.radax.core.writeback.SyncReport;
import org.radax.core.writeback.Writeback;

/**
 * An fsync of a file that is mapped whole: exact dirty tags, against a write-back of every line of the file (D28). The
 * clients' page tables are not part of it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class SyncBenchmark {
    private static final long MEBIBYTE = 1 << 20;

    /** The file, all of its pages tracked; before each sync a share of them is stored to, a word in each line. */
    @State(Scope.Thread)
    public static class MappedFile {
        @Param({"64", "1024", "4096"})
        public int mebibytes;

        @Param({"0.01", "1", "10", "50", "100"})
        public double dirtyPercent;

        private final WholeFile blocks = new WholeFile();
        private final Faults faults = new Faults();
        private final Mapping mapping = new Mapping(1, Threading.NATIVE, new WaitTable(Threading.NATIVE));
        private long sizeBytes;
        private PoolFile pool;
        private PersistenceDomain domain;
        private Writeback writeback;
        private long[] dirty;
        private long word;

        @Setup(Level.Trial)
        public void map() throws IOException, FsException {
            sizeBytes = mebibytes * MEBIBYTE;
            pool = unnamedPool(sizeBytes);
            pool.provide(0, sizeBytes);
            domain = pool.defaultDomain();
            if (!domain.name().equals("cache-line")) {
                throw new IllegalStateException("this CPU or JVM can not write back cache lines");
            }
            writeback = new Writeback(domain);
            int pages = (int) Units.blockOf(sizeBytes);
            for (long page = 0; page < pages; page++) {
                RawMemory.putLong(pool.base() + Units.blockToBytes(page), 1);
                faults.touch(mapping, blocks, (first, block, count, writable) -> {}, page, false, 1);
            }
            dirty = Pages.runs(new Random(1), DirtyShare.of(dirtyPercent, pages), 1, pages);
        }

        /** A file in shared memory that goes with this process, however that ends. */
        private static PoolFile unnamedPool(long sizeBytes) throws IOException, FsException {
            Path path = Files.createTempFile(Path.of("/dev/shm"), "radax-bench-", ".pool");
            try {
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                    file.setLength(sizeBytes);
                }
                return PoolFile.open(path, true);
            } finally {
                Files.delete(path);
            }
        }

        @Setup(Level.Invocation)
        public void store() throws FsException {
            word++;
            for (long page : dirty) {
                if (!faults.store(mapping, (first, block, count, writable) -> {}, page, 1)) {
                    throw new AssertionError("page " + page + " is not tracked");
                }
                long start = pool.base() + Units.blockToBytes(page);
                for (long at = start; at < start + Units.BLOCK_BYTES; at += Units.LINE_BYTES) {
                    RawMemory.putLong(at, word);
                }
            }
        }

        @TearDown(Level.Trial)
        public void close() {
            pool.close();
        }
    }

    @Benchmark
    public SyncReport tags(MappedFile file) throws FsException {
        SyncReport report = file.writeback.sync(file.mapping, file.blocks, 0, Mapping.MAX_PAGES, 1, () -> false);
        if (report.pages() != file.dirty.length) {
            throw new AssertionError(report.pages() + " of " + file.dirty.length + " dirty pages written back");
        }
        return report;
    }

    @Benchmark
    public void range(MappedFile file) {
        for (long at = 0; at < file.sizeBytes; at += MEBIBYTE) {
            file.domain.writeBack(at, MEBIBYTE);
        }
        file.domain.fence();
    }

    /** What no engine can do without: the lines of the dirty pages, known beforehand. */
    @Benchmark
    public void lines(MappedFile file) {
        for (long page : file.dirty) {
            file.domain.writeBack(Units.blockToBytes(page), Units.BLOCK_BYTES);
        }
        file.domain.fence();
    }
}
