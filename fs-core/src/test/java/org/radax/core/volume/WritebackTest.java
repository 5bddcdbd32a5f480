package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.crash.CallSite;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.FaultPlan;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.MappingClient;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.pool.PersistenceDomain;

/** The writeback of what the page cache overwrote, with lazy writeback, and what is told of it. */
final class WritebackTest {
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);
    private static final VolumeOptions EAGER =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, false);
    private static final int PAGE = 4096;
    private static final int LINES_PER_PAGE = 64;

    /** Counts lines, and can fail. */
    private static final class CountingDomain implements PersistenceDomain {
        private long lines;
        private boolean failing;
        private Runnable atFence = () -> {};

        @Override
        public void writeBack(long poolOffset, long lengthBytes) {
            if (failing) {
                throw new InternalError("the page at pool offset " + poolOffset + " is gone");
            }
            lines += (poolOffset + lengthBytes + 63) / 64 - poolOffset / 64;
        }

        @Override
        public void fence() {
            atFence.run();
        }

        @Override
        public String name() {
            return "counting";
        }
    }

    private final CountingDomain domain = new CountingDomain();
    private TestVolume v;
    private long file;

    private void mount(long poolBytes, VolumeOptions options) throws Exception {
        v = new TestVolume(TestVolume.map(poolBytes), poolBytes, domain, null, options);
        file = v.create(ROOT_INO, "file");
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static byte[] bytes(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private void fsync() throws FsException {
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        try {
            v.volume.fsync(open, 0, Long.MAX_VALUE, false);
        } finally {
            v.volume.release(open);
        }
    }

    private long linesOf(CrashWorkload.Step step) throws FsException {
        long before = domain.lines;
        step.run(v);
        return domain.lines - before;
    }

    private Mapping mapping() {
        return v.volume.core().mappings.find(file);
    }

    /** D04. */
    @Test
    void D04_shouldFlushOneDirtyPageOfAGibibyte() throws Exception {
        mount(2L << 30, LAZY);
        byte[] chunk = new byte[4 << 20];
        for (long at = 0; at < 1L << 30; at += chunk.length) {
            v.write(file, at, chunk);
        }
        long dirty = 123_456L * PAGE;
        // Written lazily: the time of modification alone goes out.
        v.write(file, 0, bytes(PAGE, 1), FileSystem.WRITE_CACHE);
        fsync();
        v.write(file, dirty, bytes(PAGE, 1), FileSystem.WRITE_CACHE);
        assertEquals(1, mapping().dirtyPages());
        assertEquals(LINES_PER_PAGE, linesOf(t -> fsync()));
        assertEquals(0, linesOf(t -> fsync()));
    }

    @Test
    void shouldTellOfWhatWasWrittenUntilItIsSynced() throws Exception {
        mount(64L << 20, EAGER);
        v.write(file, 0, bytes(5 * PAGE, 1));
        assertNull(mapping());
        v.write(file, PAGE, bytes(2 * PAGE, 2), FileSystem.WRITE_CACHE);
        v.write(file, 4 * PAGE, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        assertEquals(0, mapping().dirtyPages());
        assertEquals("1+2 reported, 4+1 reported", runs());
        fsync();
        assertEquals("", runs());
    }

    private String runs() {
        return mapping().pageRuns().stream()
                .map(r -> r.page() + "+" + r.count() + (r.dirty() ? " dirty" : "") + (r.reported() ? " reported" : ""))
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    /** D18: a range alone. */
    @Test
    void D18_shouldSyncARangeAlone() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(10 * PAGE, 1));
        v.write(file, 0, bytes(10 * PAGE, 2), FileSystem.WRITE_CACHE);
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        assertEquals(2 * LINES_PER_PAGE, linesOf(t -> v.volume.fsync(open, 3 * PAGE, 5 * PAGE, false)));
        v.volume.release(open);
        assertEquals("0+3 dirty, 5+5 dirty", runs());
    }

    /** D22. */
    @Test
    void D22_shouldSyncAllDirtyFiles() throws Exception {
        mount(64L << 20, LAZY);
        long other = v.create(ROOT_INO, "other");
        for (long ino : new long[] {file, other}) {
            v.write(ino, 0, bytes(PAGE, 1));
            v.write(ino, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        }
        assertEquals(2 * LINES_PER_PAGE, linesOf(t -> v.volume.syncVolume()));
        assertEquals(0, linesOf(t -> v.volume.syncVolume()));
    }

    /** Pages that are punched in part only stay dirty, and those that go are forgotten. */
    @Test
    void shouldKeepWhatIsDirtyBesideAHole() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(4 * PAGE, 1));
        v.write(file, 0, bytes(4 * PAGE, 2), FileSystem.WRITE_CACHE);
        v.fallocate(file, FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE, 100, 2 * PAGE);
        assertEquals("0+1 dirty, 2+2 dirty", runs());
        v.truncate(file, 3 * PAGE);
        assertEquals("0+1 dirty, 2+1 dirty", runs());
        assertEquals(2 * LINES_PER_PAGE, linesOf(t -> fsync()));
    }

    @Test
    void shouldForgetFilesThatAreGone() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        v.unlink(ROOT_INO, "file");
        assertNull(mapping());
    }

    /** D33: dirty pages go out before a file's mode is another. */
    @Test
    void D33_shouldWriteBackBeforeTheSwitch() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        assertTrue(linesOf(t -> t.volume.setFlags(TestVolume.ROOT, file, InodeFlags.DAX)) >= LINES_PER_PAGE);
        assertEquals(0, mapping().dirtyPages());
    }

    /** D08: to each handle once, and to one that is opened later if nobody was told. */
    @Test
    void D08_shouldTellEachHandleOfAnErrorOnce() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        OpenFile first = v.volume.open(TestVolume.ROOT, file, 2, false);
        OpenFile second = v.volume.open(TestVolume.ROOT, file, 2, false);
        domain.failing = true;
        v.volume
                .core()
                .mappings
                .all()
                .forEach(m -> assertThrows(
                        FsException.class, () -> v.volume.core().mappings.sync(m.ino(), 0, Long.MAX_VALUE)));
        domain.failing = false;
        OpenFile third = v.volume.open(TestVolume.ROOT, file, 2, false);
        for (OpenFile open : new OpenFile[] {first, second, third}) {
            FsException e = assertThrows(FsException.class, () -> v.volume.fsync(open, 0, Long.MAX_VALUE, false));
            assertEquals(Errno.EIO, e.errno());
            v.volume.fsync(open, 0, Long.MAX_VALUE, false);
        }
        OpenFile fourth = v.volume.open(TestVolume.ROOT, file, 2, false);
        v.volume.fsync(fourth, 0, Long.MAX_VALUE, false);
        // What could not be written back stayed dirty, and went out with the next sync.
        assertEquals(0, mapping().dirtyPages());
        for (OpenFile open : new OpenFile[] {first, second, third, fourth}) {
            v.volume.release(open);
        }
    }

    /** By age. */
    @Test
    void shouldWriteBackInTheBackground() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        long now = System.currentTimeMillis() / 1000;
        BackgroundWriteback background = new BackgroundWriteback(v.volume.core());
        background.pass(now);
        assertEquals(1, mapping().dirtyPages());
        background.pass(now + 31);
        assertTrue(mapping() == null || mapping().dirtyPages() == 0);
    }

    /** A client of a file of which a page of the extent map is lost. */
    private static final class LostClient implements MappingClient {
        @Override
        public boolean announcesStores() {
            return false;
        }

        @Override
        public void harvest(long start, long end, PageVisitor written) {
            throw new InternalError("a page of the pool is gone");
        }

        @Override
        public void unmap(long start, long end) {
            // Nothing is mapped.
        }

        @Override
        public boolean awaitIdle(long start, long end, boolean wait) {
            return true;
        }

        @Override
        public void poison(long start, long end) {
            // Nothing is mapped.
        }

        @Override
        public boolean isMapping() {
            return false;
        }
    }

    @Test
    void shouldWriteTheOthersBackInTheBackgroundWhenAPageIsLost() throws Exception {
        mount(64L << 20, LAZY);
        LostClient client = new LostClient();
        v.volume.core().mappings.of(v.create(ROOT_INO, "lost")).addClient(client);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        new BackgroundWriteback(v.volume.core()).pass(System.currentTimeMillis() / 1000 + 31);
        assertTrue(mapping() == null || mapping().dirtyPages() == 0);
        v.volume.core().mappings.of(v.lookup(ROOT_INO, "lost")).removeClient(client);
    }

    /** What is dirty may be forgotten only with the blocks, and those stay where there is no room. */
    @Test
    void shouldForgetNothingDirtyWhenAZeroRangeFails() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        assertThrows(FsException.class, () -> {
            for (long at = 1; ; at++) {
                v.fallocate(v.create(ROOT_INO, "filler " + at), 0, 0, 1 << 20);
            }
        });
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        long before = domain.lines;
        FsException full =
                assertThrows(FsException.class, () -> v.fallocate(file, FileSystem.FALLOC_ZERO_RANGE, 0, 16L << 20));
        assertEquals(Errno.ENOSPC, full.errno());
        fsync();
        assertTrue(domain.lines - before >= LINES_PER_PAGE, "lines written back: " + (domain.lines - before));
    }

    @Test
    void shouldEndARunWhoseFenceFails() throws Exception {
        mount(64L << 20, LAZY);
        v.write(file, 0, bytes(PAGE, 1));
        v.write(file, 0, bytes(PAGE, 2), FileSystem.WRITE_CACHE);
        domain.atFence = () -> {
            domain.atFence = () -> {};
            throw new InternalError("the page is gone");
        };
        FsException lost = assertThrows(FsException.class, this::fsync);
        assertEquals(Errno.EIO, lost.errno());
        v.write(file, 0, bytes(PAGE, 3), FileSystem.WRITE_CACHE);
        assertTimeoutPreemptively(Duration.ofMinutes(1), this::fsync);
    }

    /** Their records would carry an epoch that is not durable. */
    @Test
    void shouldLetNobodyChangeAnythingBeforeTheMountForWritingIsDurable() throws Exception {
        mount(64L << 20, LAZY);
        v.volume.remount(true);
        boolean[] wasReadOnly = {false};
        domain.atFence = () -> {
            domain.atFence = () -> {};
            wasReadOnly[0] = v.volume.core().options().readOnly();
        };
        v.volume.remount(false);
        assertTrue(wasReadOnly[0]);
        assertFalse(v.volume.core().options().readOnly());
    }

    /** What an fsync returned for survives a crash; and does not without one write-back or fence of the engine's. */
    @Test
    void shouldSurviveACrashAfterAnFsync() throws Exception {
        mount(16L << 20, LAZY);
        assertEquals(List.of(), crash(null).violations());
        assertFalse(crash(CallSite.Kind.WRITE_BACK).violations().isEmpty());
        assertFalse(crash(CallSite.Kind.FENCE).violations().isEmpty());
    }

    /** {@code missing}: of the sync's, the first; null for none. */
    private static CrashSummary crash(CallSite.Kind missing) throws Exception {
        long base = TestVolume.map(CrashWorkload.POOL_BYTES);
        byte[] old = bytes(2 * PAGE, 1);
        byte[] stored = bytes(2 * PAGE, 2);
        try (CrashRecorder recorder = CrashRecorder.of(base, CrashWorkload.POOL_BYTES);
                TestVolume t = new TestVolume(base, CrashWorkload.POOL_BYTES, recorder, recorder, LAZY)) {
            long ino = t.create(ROOT_INO, "file");
            t.write(ino, 0, old);
            recorder.startTrace();
            recorder.mark("stored");
            CrashWorkload.runOnItsOwnThread(w -> w.write(ino, 0, stored, FileSystem.WRITE_CACHE), t);
            if (missing != null) {
                recorder.suppress(FaultPlan.nth(missing, recorder.callCount(missing) + 1));
            }
            recorder.mark("synced");
            CrashWorkload.runOnItsOwnThread(w -> w.volume.syncVolume(), t);
            recorder.mark("done");
            try (CrashImages images = CrashImages.of("fsync", recorder.stopTrace(), CrashOptions.pairOfOperations())) {
                return images.visit(image -> {
                    try (TestVolume after = new TestVolume(image.memory(), LAZY)) {
                        byte[] found = after.read(ino, 0, stored.length);
                        if (image.point().phase() >= 3) {
                            assertArrayEquals(stored, found);
                        }
                    }
                });
            }
        }
    }
}
