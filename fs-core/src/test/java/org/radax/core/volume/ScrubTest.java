package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.os.LibC;
import org.radax.core.pool.CacheLineDomain;
import org.radax.core.scrub.DataVerifier;
import org.radax.core.scrub.InodeScrub;
import org.radax.core.scrub.Inspector;
import org.radax.core.scrub.Kind;
import org.radax.core.scrub.ScrubLog;
import org.radax.core.scrub.ScrubProgress;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.unit.Units;

/** How a scrub goes on among others: in steps, one at a time, to its end or somebody else's. */
@Timeout(120)
final class ScrubTest {
    private static final ScrubProgress ON = (done, whole, found) -> true;

    /** 20,000 names, 32,000 extents, 600 blocks of attributes. */
    private static long[] fillLargely(TestVolume v) throws FsException {
        long file = v.create(ROOT_INO, "file");
        long directory = v.mkdir(ROOT_INO, "directory");
        long target = v.create(ROOT_INO, "target");
        for (int i = 0; i < 20_000; i++) {
            v.link(target, directory, "name " + i);
        }
        v.fallocate(file, 0, 0, 32_000L * Units.BLOCK_BYTES);
        for (int i = 0; i < 16_000; i++) {
            v.write(file, 2L * i * Units.BLOCK_BYTES, new byte[10]);
        }
        for (int i = 0; i < 200; i++) {
            v.setxattr(file, "user.attribute" + i, new byte[9000]);
        }
        return new long[] {file, directory, target};
    }

    @Test
    void shouldLetGoBetweenSteps() throws FsException {
        try (TestVolume v = new TestVolume(512L << 20)) {
            long[] inos = fillLargely(v);
            int[] steps = {0};
            ScrubReport still = v.volume.scrub((done, whole, found) -> {
                steps[0]++;
                return true;
            });
            assertEquals(List.of(), still.findings());
            assertEquals(200, still.counts().get(Kind.VALUE), still.counts().toString());
            assertTrue(
                    still.counts().get(Kind.NODE) > 32_000 / 252, still.counts().toString());
            assertTrue(
                    still.counts().get(Kind.BUCKET) > 20_000 / 126,
                    still.counts().toString());
            long blocks = still.counts().get(Kind.NODE) + still.counts().get(Kind.BUCKET) + 600;
            assertTrue(steps[0] > blocks / 256, steps[0] + " steps");

            // Between steps everything can change: nobody holds a lock, and what changed is no damage.
            int[] changes = {0};
            ScrubReport changing = v.volume.scrub((done, whole, found) -> {
                int i = changes[0]++;
                try {
                    change(v, inos, i);
                } catch (FsException e) {
                    throw new AssertionError(e);
                }
                return true;
            });
            assertEquals(List.of(), changing.findings());
            assertTrue(changes[0] > 15, changes[0] + " changes");
        }
    }

    private static void change(TestVolume v, long[] inos, int i) throws FsException {
        int unlike = i * 7919;
        for (int k = 0; k < 100; k++) {
            v.unlink(inos[1], "name " + (unlike + k * 199) % 20_000);
            v.link(inos[2], inos[1], "name " + (unlike + k * 199) % 20_000);
            v.write(inos[0], (unlike + k * 593L) % 32_000 * Units.BLOCK_BYTES, new byte[10]);
        }
        v.fallocate(
                inos[0],
                FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE,
                unlike % 32_000L * Units.BLOCK_BYTES,
                100L * Units.BLOCK_BYTES);
        v.setxattr(inos[0], "user.attribute" + unlike % 200, new byte[5000 + i]);
        v.volume.removexattr(TestVolume.ROOT, inos[0], Name.of("user.attribute" + i % 200));
        v.create(ROOT_INO, "new " + i);
    }

    @Test
    void shouldPassEachRunOfDataOnce() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            long file = v.create(ROOT_INO, "file");
            v.write(file, 0, new byte[3 << 20]);
            v.write(file, 8 << 20, new byte[5000]);
            v.fallocate(file, 0, 16 << 20, 1 << 20);
            v.symlink(ROOT_INO, "link", "target");
            VolumeCore core = v.volume.core();
            List<long[]> runs = new ArrayList<>();
            DataVerifier noting = (ino, page, poolBlock, count, log) -> {
                assertEquals(file, ino);
                assertTrue(count <= 128, count + " blocks under one lock");
                runs.add(new long[] {page, poolBlock, count});
            };
            assertEquals(0, new Scrub(core, noting, ON).run().found());
            long[] pages = new long[770];
            Extent extent = new Extent();
            for (long[] run : runs) {
                long root = VolumeCore.rootOf(core.inodes.offsetOf(file));
                core.extents.find(v.memory, root, file, run[0], extent);
                assertTrue(extent.hasData() && extent.poolBlock() == run[1] && extent.blockCount() >= run[2]);
                for (long page = run[0]; page < run[0] + run[2]; page++) {
                    pages[(int) (page < 768 ? page : page - 2048 + 768)]++;
                }
            }
            for (long times : pages) {
                assertEquals(1, times);
            }
        }
    }

    /** Leaves nothing of what lay in free blocks; there are free ones again then. */
    static void overwriteFree(TestVolume v, long file) throws FsException {
        long end = 0;
        for (int length = 1 << 20; length >= Units.BLOCK_BYTES; length >>= 2) {
            try {
                while (true) {
                    end += v.write(file, end, OperationWorkloads.bytes(length, length));
                }
            } catch (FsException e) {
                assertEquals(Errno.ENOSPC, e.errno());
            }
        }
        v.truncate(file, 2L << 20);
    }

    /** Inodes that it has seen in use lie in blocks of another file by then. */
    @Test
    void shouldPassByWhatIsGone() throws FsException {
        boolean more = true;
        for (int at = 2; more; at += 3) {
            try (TestVolume v = new TestVolume(16L << 20)) {
                long other = v.create(ROOT_INO, "other");
                for (int i = 0; i < 40; i++) {
                    v.create(ROOT_INO, "name " + i);
                }
                int[] left = {at};
                ScrubReport report = v.volume.scrub((done, whole, found) -> {
                    if (--left[0] == 0) {
                        try {
                            for (int i = 0; i < 40; i++) {
                                v.unlink(ROOT_INO, "name " + i);
                            }
                            overwriteFree(v, other);
                        } catch (FsException e) {
                            throw new AssertionError(e);
                        }
                    }
                    return true;
                });
                assertEquals(List.of(), report.findings(), "after step " + at);
                more = left[0] <= 0;
            }
        }
    }

    private static Inspector inspector(TestVolume v, ScrubLog log) {
        VolumeCore core = v.volume.core();
        return new Inspector(v.memory, core.geometry, core.verifier, core.superblock.uuid(), log);
    }

    /** The attribute block that it had come to is a file's by then. */
    @Test
    void shouldBeginAgainWithAttributesThatHaveChanged() throws FsException {
        try (TestVolume v = new TestVolume(16L << 20)) {
            long file = v.create(ROOT_INO, "file");
            long other = v.create(ROOT_INO, "other");
            for (int i = 0; i < 150; i++) {
                v.setxattr(file, "user.attribute" + i, OperationWorkloads.bytes(5000, i));
            }
            ScrubLog log = new ScrubLog();
            InodeScrub scrub = new InodeScrub(inspector(v, log), DataVerifier.NONE, file);
            long inode = v.volume.core().inodes.offsetOf(file);
            assertFalse(scrub.step(inode));
            long before = log.report(Map.of()).counts().get(Kind.VALUE);
            assertTrue(before < 100, before + " values in a step");
            for (int i = 0; i < 150; i++) {
                v.setxattr(file, "user.attribute" + i, new byte[20]);
            }
            overwriteFree(v, other);
            assertTrue(scrub.step(inode));
            assertEquals(List.of(), log.findings());
            assertEquals(before + 150, log.report(Map.of()).counts().get(Kind.VALUE));
        }
    }

    /** Between two steps its number has become a directory's. */
    @Test
    void shouldNotGoOnInAnotherFile() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            long file = v.create(ROOT_INO, "file");
            v.write(file, 0, new byte[1 << 20]);
            VolumeCore core = v.volume.core();
            ScrubLog log = new ScrubLog();
            InodeScrub scrub = new InodeScrub(inspector(v, log), (ino, page, poolBlock, count, any) -> {}, file);
            assertFalse(scrub.step(core.inodes.offsetOf(file)));
            v.unlink(ROOT_INO, "file");
            assertEquals(file, v.mkdir(ROOT_INO, "directory"));
            for (int i = 0; i < 300; i++) {
                v.create(file, "name " + i);
            }
            assertTrue(scrub.step(core.inodes.offsetOf(file)));
            assertEquals(List.of(), log.findings());
        }
    }

    @Test
    void shouldTellHowFarItIs() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            v.write(v.create(ROOT_INO, "file"), 0, new byte[3 << 20]);
            v.setxattr(v.create(ROOT_INO, "other"), "user.large", new byte[60_000]);
            long[] last = new long[2];
            v.volume.scrub((done, whole, found) -> {
                assertTrue(done >= last[0] && done <= whole, done + " of " + whole + " after " + last[0]);
                last[0] = done;
                last[1] = whole;
                return true;
            });
            assertEquals(last[1], last[0]);
        }
    }

    @Test
    void shouldBeAloneAndEndWhenAsked() throws Exception {
        try (TestVolume v = new TestVolume(64L << 20)) {
            FsException ended = assertThrows(
                    FsException.class,
                    () -> v.volume.scrub((done, whole, found) -> {
                        FsException refused = assertThrows(FsException.class, () -> v.volume.scrub(ON));
                        assertEquals(Errno.EBUSY, refused.errno());
                        return false;
                    }));
            assertEquals(Errno.EINTR, ended.errno());
            assertEquals(0, v.volume.scrub(ON).found());
        }
    }

    /** The pool's memory goes with the close. */
    @Test
    void shouldEndBeforeTheVolumeDoes() throws Exception {
        TestVolume v = new TestVolume(64L << 20);
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<ScrubReport> scrub = new FutureTask<>(() -> v.volume.scrub((done, whole, found) -> {
            begun.countDown();
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return true;
        }));
        Thread thread = new Thread(scrub);
        thread.start();
        begun.await();
        v.volume.close();
        FsException refused = assertThrows(FsException.class, () -> v.volume.scrub(ON));
        thread.join(1000);
        v.close();
        assertEquals(Errno.EBUSY, refused.errno());
        Throwable ended = assertThrows(ExecutionException.class, scrub::get).getCause();
        assertEquals(Errno.EINTR, ((FsException) ended).errno());
    }

    @Test
    void shouldScrubWhatIsFrozenOrForReading() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            v.create(ROOT_INO, "file");
            v.volume.freeze();
            assertEquals(2, v.volume.scrub(ON).counts().get(Kind.INODE));
            v.volume.thaw();
            v.volume.remount(true);
            assertEquals(2, v.volume.scrub(ON).counts().get(Kind.INODE));
        }
    }

    /** What a commit left half stored is recovery's to mend, and no damage. */
    @Test
    void shouldRefuseAfterTheJournalFailed() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            FsException refused = assertThrows(
                    FsException.class,
                    () -> v.volume.scrub((done, whole, found) -> {
                        v.volume.core().journal.fail("a test");
                        return true;
                    }));
            assertEquals(Errno.EIO, refused.errno());
            assertEquals(
                    Errno.EIO,
                    assertThrows(FsException.class, () -> v.volume.scrub(ON)).errno());
        }
    }

    /** The process lives on, and what can still be read is looked at. */
    @Test
    void shouldTellOfPagesThatAreGone() throws IOException, FsException {
        long poolBytes = 16L << 20;
        Path path = Files.createTempFile(Path.of("/dev/shm"), "radax-cut", ".pool");
        int fd = LibC.INSTANCE.open(path.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        LibC.INSTANCE.ftruncate(fd, poolBytes);
        long base = LibC.INSTANCE.mmap(0, poolBytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        TestVolume v = new TestVolume(base, poolBytes, new CacheLineDomain(base), null, VolumeOptions.defaults());
        try {
            long file = v.create(ROOT_INO, "file");
            for (int i = 0; i < 2000; i++) {
                v.create(ROOT_INO, "name " + i);
                v.write(file, 2L * i * Units.BLOCK_BYTES, new byte[10]);
            }
            v.setxattr(file, "user.large", new byte[60_000]);
            Map<Kind, Long> whole = v.volume.scrub(ON).counts();
            long last = Units.blockOf(poolBytes);
            for (long cut = last; cut >= 0; cut -= cut > 300 ? 37 : 1) {
                assertEquals(0, LibC.INSTANCE.ftruncate(fd, Units.blockToBytes(cut)));
                ScrubReport report = v.volume.scrub(ON);
                if (cut < last) {
                    assertTrue(report.found() > 0, "cut at block " + cut);
                }
                report.findings().forEach(finding -> assertEquals("page", finding.field(), finding.toString()));
                report.counts().forEach((kind, count) -> assertTrue(count <= whole.get(kind), kind + " " + count));
            }
        } finally {
            v.close();
            LibC.INSTANCE.close(fd);
            Files.delete(path);
        }
    }
}
