package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.radax.core.crash.CrashOptions;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.CacheLineDomain;
import org.radax.core.pool.MsyncDomain;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * Somebody cuts the pool file off under a mounted volume: each operation fails with an error of the medium or works
 * truly, and this process, which stands for the daemon, lives on.
 */
final class LostPagesTest {
    private static final long POOL_BYTES = 16L << 20;
    private static final Set<Errno> OF_THE_MEDIUM = EnumSet.of(Errno.EIO, Errno.EROFS, Errno.EUCLEAN);

    /** A pool in a real file on tmpfs, mapped shared. */
    private static final class CutPool implements AutoCloseable {
        final Path path;
        final int fd;
        final long base;
        final TestVolume v;

        CutPool(LongFunction<PersistenceDomain> domain) throws IOException, PoolException {
            path = Files.createTempFile(Path.of("/dev/shm"), "radax-cut", ".pool");
            fd = LibC.INSTANCE.open(path.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            LibC.INSTANCE.ftruncate(fd, POOL_BYTES);
            base = LibC.INSTANCE.mmap(0, POOL_BYTES, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
            v = new TestVolume(base, POOL_BYTES, domain.apply(base), null, VolumeOptions.defaults());
        }

        void cutAt(long sizeBytes) {
            assertEquals(0, LibC.INSTANCE.ftruncate(fd, sizeBytes));
        }

        @Override
        public void close() throws IOException {
            v.close();
            LibC.INSTANCE.close(fd);
            Files.delete(path);
        }
    }

    private static void everyOperation(LongFunction<PersistenceDomain> domain, long cut) throws Exception {
        for (CrashWorkload workload : OperationWorkloads.all(CrashOptions.oneOperation())) {
            try (CutPool pool = new CutPool(domain)) {
                OperationWorkloads.setUp(pool.v);
                pool.cutAt(cut);
                assertTrue(
                        failsTruly(workload, pool.v, cut) || cut > 0, workload.name() + " works with no pool at all");
                settle();
            }
        }
    }

    private static boolean failsTruly(CrashWorkload workload, TestVolume v, long cut) {
        try {
            try {
                workload.operation().run(v);
                return false;
            } catch (FsException e) {
                assertTrue(OF_THE_MEDIUM.contains(e.errno()), workload.name() + " at " + cut + ": " + e);
                return true;
            }
        } catch (InternalError e) {
            return true;
        }
    }

    /** What a request leaves behind is not this test's. */
    private static void settle() {
        try {
            RawMemory.raisePendingError();
        } catch (InternalError e) {
            // Of a page that is gone.
        }
    }

    @Test
    void shouldSurviveEveryOperationOnAPoolCutOff() throws Exception {
        long lanes = Units.blockToBytes(Geometry.FIRST_LANE);
        for (long cut : new long[] {0, Units.BLOCK_BYTES, lanes, 1L << 20, 2L << 20, 3L << 20}) {
            everyOperation(CacheLineDomain::new, cut);
        }
        Random random = new Random(1);
        for (int i = 0; i < 10; i++) {
            everyOperation(CacheLineDomain::new, Units.blockToBytes(random.nextInt(1024)));
        }
    }

    @Test
    void shouldSurviveEveryOperationOnAFileCutOff() throws Exception {
        for (long cut : new long[] {0, 1L << 20}) {
            everyOperation(MsyncDomain::new, cut);
        }
    }

    @Test
    void shouldServeTheOtherFilesWhenOneHasLostItsPages() throws Exception {
        try (CutPool pool = new CutPool(CacheLineDomain::new)) {
            TestVolume v = pool.v;
            long kept = v.create(ROOT_INO, "kept");
            v.write(kept, 0, OperationWorkloads.bytes(5000, 1));
            long lost = v.create(ROOT_INO, "lost");
            for (int i = 0; i < 10; i++) {
                v.write(lost, (long) i << 20, OperationWorkloads.bytes(1 << 20, i));
            }
            pool.cutAt(8L << 20);

            assertThrows(InternalError.class, () -> v.write(lost, 9L << 20, new byte[100]));
            assertEquals(5000, v.read(kept, 0, 10_000).length);
            v.write(kept, 100, new byte[10]);
            v.mkdir(ROOT_INO, "more");
            settle();
        }
    }

    private interface Reading {
        Object run() throws FsException;
    }

    /** An error that comes late may come anywhere: here it is one of the medium, as in the dispatcher. */
    private static boolean answersTruly(Reading reading, Object truth, String where) {
        try {
            return isTrue(reading, truth, where);
        } catch (InternalError e) {
            return false;
        }
    }

    private static boolean isTrue(Reading reading, Object truth, String where) {
        try {
            assertEquals(truth, reading.run(), where);
            return true;
        } catch (FsException e) {
            assertTrue(OF_THE_MEDIUM.contains(e.errno()), where + ": " + e);
            return false;
        }
    }

    @Test
    void shouldNeverAnswerWithWhatIsNotThere() throws Exception {
        try (CutPool pool = new CutPool(CacheLineDomain::new)) {
            TestVolume v = pool.v;
            long dir = v.mkdir(ROOT_INO, "dir");
            for (int i = 0; i < 100; i++) {
                v.create(dir, "name" + i);
            }
            long link = v.symlink(dir, "link", "t".repeat(3000));
            long file = v.create(dir, "file");
            v.setxattr(file, "user.large", OperationWorkloads.bytes(9000, 6));
            v.setxattr(file, "user.small", OperationWorkloads.bytes(20, 5));
            List<Reading> readings = List.of(
                    () -> v.list(dir, 1000),
                    () -> v.lookup(dir, "name50"),
                    () -> v.lookup(dir, "none"),
                    () -> v.stat(file).sizeBytes,
                    () -> v.stat(link).mode,
                    () -> v.readlink(link),
                    () -> new String(v.getxattr(file, "user.small"), StandardCharsets.ISO_8859_1),
                    () -> new String(v.getxattr(file, "user.large"), StandardCharsets.ISO_8859_1));
            List<Object> truth = new ArrayList<>();
            for (Reading reading : readings) {
                truth.add(reading.run());
            }
            int failures = 0;
            for (long cut = POOL_BYTES - Units.BLOCK_BYTES; cut >= 0; cut -= Units.BLOCK_BYTES) {
                pool.cutAt(cut);
                for (int i = 0; i < readings.size(); i++) {
                    String where = "reading " + i + ", pool cut at " + cut;
                    failures += answersTruly(readings.get(i), truth.get(i), where) ? 0 : 1;
                    settle();
                }
            }
            assertTrue(failures > 0);
        }
    }

    @Test
    void shouldNotDecideOnWordsThatAreGone() throws Exception {
        try (CutPool pool = new CutPool(CacheLineDomain::new)) {
            PoolMemory memory = pool.v.memory;
            pool.cutAt(0);
            // However the code that reads was compiled.
            long[] sum = {0};
            for (int i = 0; i < 30_000; i++) {
                assertThrows(InternalError.class, () -> {
                    sum[0] += memory.getLong(8L << 20);
                    RawMemory.raisePendingError();
                });
            }
            RawMemory.raisePendingError();
            pool.cutAt(POOL_BYTES);
        } catch (PoolException e) {
            throw new AssertionError(e);
        }
    }
}
