package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.dax.FlushRuns;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.WritebackBatch;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.scrub.Kind;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.unit.Units;

/** Which blocks have a checksum, on a volume that keeps them. */
final class DataChecksumsTest {
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);
    private static final int PAGE = 4096;

    private TestVolume v;
    private long file;

    @BeforeEach
    void make() throws Exception {
        v = TestVolume.withDataChecksums(64L << 20, LAZY);
        file = v.create(ROOT_INO, "file");
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static byte[] bytes(int length) {
        return OperationWorkloads.bytes(length, length);
    }

    private CheckReport check() {
        return Checker.check(v.memory, new CheckMode(false, true), line -> {});
    }

    /** All blocks of files compare but so many, which have no checksum. */
    private void assertCompared(long compared, long without) {
        CheckReport report = check();
        assertEquals(List.of(), report.findings());
        assertEquals(compared, report.summary().getOrDefault("dataBlocksCompared", 0L));
        assertEquals(without, report.summary().getOrDefault("dataBlocksWithoutChecksum", 0L));
    }

    private void sync() throws FsException {
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        v.volume.fsync(open, 0, Long.MAX_VALUE, false);
        v.volume.release(open);
    }

    @Test
    void shouldHaveOneOfEachBlockThatWasWritten() throws Exception {
        v.write(file, 0, bytes(10 * PAGE + 100));
        assertCompared(11, 0);
        v.write(file, 3 * PAGE + 17, bytes(2 * PAGE));
        assertCompared(11, 0);
        v.write(file, 10 * PAGE + 100, bytes(50));
        assertCompared(11, 0);
        // The rest of the last block is zeroed first.
        v.write(file, 20L * PAGE, bytes(PAGE));
        assertCompared(12, 0);
    }

    @Test
    void shouldHaveOneOfEachBlockOfWhichPartsAreCutOffOrZeroed() throws Exception {
        v.write(file, 0, bytes(20 * PAGE));
        v.truncate(file, 15 * PAGE + 100);
        assertCompared(16, 0);
        v.truncate(file, 30L * PAGE);
        assertCompared(16, 0);
        v.fallocate(file, FileSystem.FALLOC_KEEP_SIZE | FileSystem.FALLOC_PUNCH_HOLE, 100, 3 * PAGE);
        assertCompared(14, 0);
        v.fallocate(file, FileSystem.FALLOC_ZERO_RANGE, 5 * PAGE + 50, 3 * PAGE);
        assertCompared(12, 0);
    }

    /** What was never written is of no interest; then it is. */
    @Test
    void shouldHaveNoneOfUnwrittenBlocks() throws Exception {
        v.fallocate(file, 0, 0, 8L * PAGE);
        assertCompared(0, 0);
        v.write(file, PAGE, bytes(PAGE));
        assertCompared(1, 0);
    }

    @Test
    void shouldHaveNoneOfDirtyPagesUntilTheyAreWrittenBack() throws Exception {
        v.write(file, 0, bytes(8 * PAGE));
        v.write(file, PAGE, bytes(2 * PAGE), FileSystem.WRITE_CACHE);
        assertCompared(6, 2);
        // Beside a page that is dirty still.
        v.write(file, 2 * PAGE + 10, bytes(2 * PAGE));
        assertCompared(6, 2);
        sync();
        assertCompared(8, 0);
    }

    @Test
    void shouldFindABlockThatIsNotWhatWasWritten() throws Exception {
        v.write(file, 0, bytes(3 * PAGE));
        long block = blockOf(1);
        v.memory.putLong(Units.blockToBytes(block) + 1024, 77);
        CheckReport report = check();
        assertEquals(1, report.findings().size());
        assertEquals(Units.blockToBytes(block), report.findings().get(0).poolOffset());
        assertTrue(report.findings().get(0).message().contains("file block 1"), report.findings()::toString);
        v.write(file, PAGE, bytes(PAGE));
        assertCompared(3, 0);
    }

    @Test
    void shouldCompareThemInAScrub() throws Exception {
        v.write(file, 0, bytes(8 * PAGE));
        v.write(file, PAGE, bytes(2 * PAGE), FileSystem.WRITE_CACHE);
        assertScrubbed(6, 2, 0);
        sync();
        assertScrubbed(8, 0, 0);
        long block = blockOf(4);
        v.memory.putLong(Units.blockToBytes(block) + 8, 99);
        ScrubReport report = assertScrubbed(8, 0, 1);
        assertEquals("checksum of file block 4", report.findings().get(0).field());
        assertEquals("/file", report.paths().get(file));
    }

    /** As a process leaves what it has mapped. */
    @Test
    void shouldBeGivenOneByAScrub() throws Exception {
        v.write(file, 0, bytes(4 * PAGE));
        v.volume.directAccess().expectStores(blockOf(1), 2);
        assertCompared(2, 2);
        v.volume.freeze();
        assertScrubbed(2, 2, 0);
        v.volume.thaw();
        assertScrubbed(2, 2, 0);
        assertScrubbed(4, 0, 0);
        assertCompared(4, 0);
    }

    private ScrubReport assertScrubbed(long compared, long without, long damaged) throws FsException {
        ScrubReport report = v.volume.scrub((done, whole, found) -> true);
        assertEquals(compared, report.counts().getOrDefault(Kind.DATA, 0L));
        assertEquals(without, report.counts().getOrDefault(Kind.UNSUMMED, 0L));
        assertEquals(damaged, report.found());
        return report;
    }

    private long blockOf(long page) throws FsException {
        Extent extent = new Extent();
        VolumeCore core = v.volume.core();
        core.extents.find(v.memory, VolumeCore.rootOf(core.inodes.offsetOf(file)), file, page, extent);
        return extent.poolBlock();
    }

    @Test
    void shouldTakeFourBytesABlock() throws Exception {
        try (TestVolume plain = new TestVolume(64L << 20)) {
            plain.create(ROOT_INO, "file");
            assertEquals(32, plain.freeBlocks() - v.freeBlocks());
        }
    }

    @Test
    void shouldKeepThemAcrossAMount() throws Exception {
        v.write(file, 0, bytes(5 * PAGE));
        v.remount();
        assertCompared(5, 0);
        assertTrue(v.volume.core().checksums.isKept());
    }

    /** Does something at the next fence. */
    private static final class FenceDomain implements PersistenceDomain {
        private Runnable atFence;

        @Override
        public void writeBack(long poolOffset, long lengthBytes) {
            // All stores are kept.
        }

        @Override
        public void fence() {
            Runnable once = atFence;
            atFence = null;
            if (once != null) {
                once.run();
            }
        }

        @Override
        public String name() {
            return "fence";
        }
    }

    /** A page is clean as soon as its lines are written back, which its checksum must not be durable before. */
    @Test
    void shouldComeAfterTheFenceOfWhoWritesThePageBack() throws Exception {
        v.close();
        FenceDomain domain = new FenceDomain();
        v = TestVolume.withDataChecksums(64L << 20, domain, LAZY);
        file = v.create(ROOT_INO, "file");
        v.write(file, 0, bytes(4 * PAGE));
        v.write(file, PAGE, bytes(PAGE), FileSystem.WRITE_CACHE);
        long word = v.volume.core().geometry.checksumOffset(blockOf(1));
        assertEquals(0, v.memory.getInt(word));
        Thread scrubber = Thread.currentThread();
        boolean[] isScrubbed = {false};
        int[] before = {-1};
        Thread[] other = {null};
        domain.atFence = () -> {
            Mapping mapping = v.volume.core().mappings.find(file);
            FlushRuns.Run run = mapping.runs().begin();
            writeBack(mapping);
            other[0] = new Thread(() -> {
                while (!isScrubbed[0] && scrubber.getState() == Thread.State.RUNNABLE) {
                    pause();
                }
                before[0] = v.memory.getInt(word);
                mapping.runs().end(run);
            });
            other[0].start();
        };
        v.volume.scrub((done, whole, found) -> true);
        isScrubbed[0] = true;
        other[0].join();
        assertEquals(0, before[0], "the checksum before the fence");
        assertNotEquals(0, v.memory.getInt(word));
        assertCompared(4, 0);
    }

    private static void writeBack(Mapping mapping) {
        try {
            mapping.tagForWriteback(0, 4);
            WritebackBatch batch = new WritebackBatch();
            for (long page = 0; page != Mapping.NOWHERE; ) {
                page = mapping.writeBack(batch, page, 4, (at, block, count) -> {}, 0);
            }
        } catch (FsException e) {
            throw new AssertionError(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
