package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;
import static org.radax.core.volume.FileSystem.WRITE_CACHE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.core.crash.CallSite.Kind;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.FaultPlan;
import org.radax.core.dax.Blocks;
import org.radax.core.error.FsException;
import org.radax.core.unit.Units;

/**
 * What is durable once write(2), msync and fsync have returned, and what a crash in the middle may show, by number. Each
 * test sees itself fail: with a write-back or a fence of the step missing that it is about.
 */
final class SyncCrashTest {
    private static final int PAGE = 4096;
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);

    /** At each crash point every line lost alone and kept alone, and some at random. */
    private static final CrashOptions EACH_LINE = new CrashOptions(256, 1, 2048, 20, 1, 16, null);

    /** The file every step is about: the first that is made. */
    private long file;

    private final List<CrashWorkload.Step> steps = new ArrayList<>();

    /** Looks at what a crash left. {@code returned}: how many of the steps had. */
    private interface Oracle {
        void check(TestVolume after, int returned) throws FsException;
    }

    /** A write-back or fence that has no effect: the {@code nth} of a step, from 1. {@code kind} null: all have. */
    private record Fault(int step, Kind kind, int nth) {
        static final Fault NONE = new Fault(0, null, 0);
    }

    private CrashSummary crash(CrashWorkload.Step setUp, Fault fault, Oracle oracle) throws Exception {
        long base = TestVolume.map(CrashWorkload.POOL_BYTES);
        try (CrashRecorder recorder = CrashRecorder.of(base, CrashWorkload.POOL_BYTES);
                TestVolume v = new TestVolume(base, CrashWorkload.POOL_BYTES, recorder, recorder, LAZY)) {
            file = v.create(ROOT_INO, "file");
            setUp.run(v);
            recorder.startTrace();
            for (int i = 0; i < steps.size(); i++) {
                recorder.mark("step " + (i + 1));
                if (fault.kind != null && fault.step == i + 1) {
                    recorder.suppress(FaultPlan.nth(fault.kind, recorder.callCount(fault.kind) + fault.nth));
                }
                CrashWorkload.runOnItsOwnThread(steps.get(i), v);
            }
            recorder.mark("done");
            try (CrashImages images = CrashImages.of(
                    "sync", recorder.stopTrace(), fault.kind == null ? EACH_LINE : EACH_LINE.withMaxViolations(1))) {
                return images.visit(image -> {
                    try (TestVolume after = new TestVolume(image.memory(), LAZY)) {
                        oracle.check(after, image.point().phase() - 1);
                    }
                });
            }
        }
    }

    /** Holds after every crash, and does not with the first write-back, nor with the first fence, of a step missing. */
    private void assertHoldsAndMatters(int step, CrashWorkload.Step setUp, Oracle oracle) throws Exception {
        crash(setUp, Fault.NONE, oracle).assertNoViolations();
        for (Kind kind : List.of(Kind.WRITE_BACK, Kind.FENCE)) {
            CrashSummary summary = crash(setUp, new Fault(step, kind, 1), oracle);
            assertFalse(
                    summary.violations().isEmpty(),
                    () -> "not seen: the first " + kind + " of step " + step + ": " + summary);
        }
    }

    private static byte[] bytes(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Two ways to ask for the same, of a file of six pages. */
    private enum Sync {
        MSYNC(3 * PAGE, 5 * PAGE - 100, 2),
        FSYNC(0, Long.MAX_VALUE, 6);

        private final long start;
        private final long end;
        private final int pages;

        Sync(long start, long end, int pages) {
            this.start = start;
            this.end = end;
            this.pages = pages;
        }

        void run(TestVolume v, long ino) throws FsException {
            OpenFile open = v.volume.open(TestVolume.ROOT, ino, 2, false);
            try {
                v.volume.fsync(open, start, end, false);
            } finally {
                v.volume.release(open);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Sync.class)
    void D17_shouldMakeARangeDurableByMsyncAsByFsync(Sync sync) throws Exception {
        steps.add(v -> v.write(file, 0, bytes(6 * PAGE, 2), WRITE_CACHE));
        steps.add(v -> sync.run(v, file));
        assertHoldsAndMatters(2, v -> v.write(file, 0, bytes(6 * PAGE, 1)), (after, returned) -> {
            if (returned == 2) {
                assertArrayEquals(bytes(sync.pages * PAGE, 2), after.read(file, sync.start, sync.pages * PAGE));
            }
        });
    }

    /** Where a store finds no data. */
    private enum Place {
        HOLE(8 * PAGE),
        UNWRITTEN(8 * PAGE),
        BEHIND_THE_END(PAGE);

        private final long size;

        Place(long size) {
            this.size = size;
        }

        void prepare(TestVolume v, long ino) throws FsException {
            v.write(ino, 0, bytes(PAGE, 1));
            if (this == UNWRITTEN) {
                v.fallocate(ino, 0, PAGE, size - PAGE);
            }
            v.truncate(ino, size);
        }
    }

    /** What is stored where no data was shows as a whole or not at all. */
    private void assertWhole(TestVolume after, int start, int end) throws FsException {
        byte[] found = after.read(file, start, end - start);
        for (byte b : found) {
            assertEquals(found[0], b, "of some bytes what was there, and of others what is stored");
        }
    }

    /** By either call: else what was flushed lies where the file has a hole, or behind its end. */
    @ParameterizedTest
    @EnumSource(Place.class)
    void D19_shouldCommitAllocationConversionAndSize(Place place) throws Exception {
        byte[] stored = bytes(2 * PAGE, 2);
        for (Sync sync : Sync.values()) {
            steps.clear();
            steps.add(v -> v.write(file, 3 * PAGE, stored, WRITE_CACHE));
            steps.add(v -> sync.run(v, file));
            assertHoldsAndMatters(1, v -> place.prepare(v, file), (after, returned) -> {
                assertWhole(after, 3 * PAGE, 5 * PAGE);
                if (returned == 2) {
                    assertEquals(Math.max(place.size, 5L * PAGE), after.stat(file).sizeBytes);
                    assertArrayEquals(stored, after.read(file, 3 * PAGE, stored.length));
                    assertArrayEquals(new byte[2 * PAGE], after.read(file, PAGE, 2 * PAGE));
                }
            });
        }
    }

    /** In place, into holes and unwritten blocks, behind the end; and an fsync that comes has nothing to write back. */
    @Test
    void D20_shouldBeDurableWhenAWriteReturns() throws Exception {
        byte[] stored = bytes(PAGE, 2);
        for (Place place : Place.values()) {
            steps.clear();
            steps.add(v -> v.write(file, PAGE - 100, stored));
            assertHoldsAndMatters(1, v -> place.prepare(v, file), (after, returned) -> {
                assertWhole(after, PAGE, 2 * PAGE - 100);
                if (returned == 1) {
                    assertArrayEquals(stored, after.read(file, PAGE - 100, PAGE));
                }
            });
        }
    }

    @Test
    void D20_shouldOweNothingToAnFsyncAfterAWrite() throws Exception {
        long base = TestVolume.map(CrashWorkload.POOL_BYTES);
        try (CrashRecorder recorder = CrashRecorder.of(base, CrashWorkload.POOL_BYTES);
                TestVolume v = new TestVolume(base, CrashWorkload.POOL_BYTES, recorder, recorder, LAZY)) {
            file = v.create(ROOT_INO, "file");
            v.write(file, 0, bytes(3 * PAGE, 1));
            v.write(file, 100, bytes(5 * PAGE, 2));
            long before = recorder.callCount(Kind.WRITE_BACK);
            Sync.FSYNC.run(v, file);
            assertEquals(before, recorder.callCount(Kind.WRITE_BACK));
            // What came out of the page cache lazily is owed.
            v.write(file, 0, bytes(PAGE, 3), WRITE_CACHE);
            before = recorder.callCount(Kind.WRITE_BACK);
            Sync.FSYNC.run(v, file);
            assertTrue(recorder.callCount(Kind.WRITE_BACK) > before);
        }
    }

    private static final int CUT = 5000;

    /** Where the rest of the file's last page lies in the pool. */
    private long tailOffset(TestVolume v) throws FsException {
        long block = new InodeBlocks(v.volume.core(), file).find(Units.blockOf(CUT));
        assertTrue(block != Blocks.HOLE);
        return Units.blockToBytes(block) + Units.offsetInBlock(CUT);
    }

    /** Whoever has the page mapped sees zeroes behind the end at once. */
    @Test
    void D36_shouldZeroTheTailOfTheLastPageOnTruncate() throws Exception {
        try (TestVolume v = new TestVolume(CrashWorkload.POOL_BYTES)) {
            file = v.create(ROOT_INO, "file");
            v.write(file, 0, bytes(10_000, 1));
            v.truncate(file, CUT);
            byte[] tail = new byte[2 * PAGE - CUT];
            v.memory.copyOut(tailOffset(v), tail, 0, tail.length);
            assertArrayEquals(new byte[2 * PAGE - CUT], tail);
        }
    }

    /** All that lets a file grow. What was stored behind the end through a mapping, or was there before, never shows. */
    private enum Growth {
        TRUNCATE(20_000),
        WRITE_IN_THE_PAGE(6_100),
        WRITE_FAR_BEHIND(20_000),
        WRITE_OUT_OF_THE_CACHE(9_000),
        FALLOCATE(20_000),
        ZERO_RANGE(20_000);

        private final int size;

        Growth(int size) {
            this.size = size;
        }

        void run(TestVolume v, long ino) throws FsException {
            switch (this) {
                case TRUNCATE -> v.truncate(ino, size);
                case WRITE_IN_THE_PAGE -> v.write(ino, size - 100, bytes(100, 2));
                case WRITE_FAR_BEHIND -> v.write(ino, size - 4_000, bytes(4_000, 2));
                case WRITE_OUT_OF_THE_CACHE -> v.write(ino, 2 * PAGE, bytes(size - 2 * PAGE, 2), WRITE_CACHE);
                case FALLOCATE -> v.fallocate(ino, 0, 0, size);
                case ZERO_RANGE -> v.fallocate(ino, FileSystem.FALLOC_ZERO_RANGE, size - 4_000, 4_000);
            }
        }
    }

    private void storeBehindTheEnd(TestVolume v) throws FsException {
        byte[] garbage = bytes(2 * PAGE - CUT, 0xee);
        long offset = tailOffset(v);
        v.memory.copyIn(offset, garbage, 0, garbage.length);
        v.memory.writeBack(offset, garbage.length);
        v.memory.fence();
    }

    /** Nothing but zeroes and what the growth itself wrote is behind the old end, whatever size a crash left. */
    private void assertZeroesBehindTheCut(TestVolume after) throws FsException {
        long size = after.stat(file).sizeBytes;
        if (size == 10_000) {
            assertArrayEquals(bytes(10_000, 1), after.read(file, 0, 10_000));
            return;
        }
        byte[] found = after.read(file, 0, (int) size);
        assertArrayEquals(bytes(CUT, 1), Arrays.copyOf(found, CUT));
        for (int i = CUT; i < size; i++) {
            assertTrue(found[i] == 0 || found[i] == 2, "byte " + i + " of " + size + " is " + found[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(Growth.class)
    void D36_shouldZeroTheTailBeforeTheFileGrows(Growth growth) throws Exception {
        steps.add(v -> growth.run(v, file));
        CrashWorkload.Step setUp = v -> {
            v.write(file, 0, bytes(10_000, 1));
            v.truncate(file, CUT);
            storeBehindTheEnd(v);
        };
        assertHoldsAndMatters(1, setUp, (after, returned) -> {
            assertZeroesBehindTheCut(after);
            if (returned == 1) {
                assertEquals(growth.size, after.stat(file).sizeBytes);
            }
        });
    }

    /** A truncation's own zeroes need not be durable: those of the growth are. */
    @Test
    void D36_shouldShowNoOldByteWhereAFileIsCutAndGrows() throws Exception {
        steps.add(v -> v.truncate(file, CUT));
        steps.add(v -> v.truncate(file, 9_000));
        Oracle oracle = (after, returned) -> assertZeroesBehindTheCut(after);
        assertHoldsAndMatters(2, v -> v.write(file, 0, bytes(10_000, 1)), oracle);
    }
}
