package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.pool.NoDomain;

/** {@code data=atomic}: after a crash each write is there whole or not at all, over whatever lay there before. */
@Tag("slow")
final class AtomicDataCrashTest {
    private static final int BLOCK = 4096;
    private static final VolumeOptions ATOMIC = PreparedPool.OPTIONS.withAtomicData();

    /** Blocks 0 to 7 data in one piece, 8 and 9 a hole, 10 and 11 unwritten, 12 to 19 data in pieces of one block. */
    private static final PreparedPool POOL = new PreparedPool(v -> {
        long file = v.create(FileSystem.ROOT_INO, "file");
        v.write(file, 0, bytes(8 * BLOCK, 1));
        v.fallocate(file, 0, 10L * BLOCK, 2L * BLOCK);
        long other = v.create(FileSystem.ROOT_INO, "other");
        for (int block = 12; block < 20; block++) {
            v.write(file, (long) block * BLOCK, bytes(BLOCK, block));
            v.write(other, (long) block * BLOCK, bytes(BLOCK, 99));
        }
        v.write(file, 20L * BLOCK, bytes(100, 20));
    });

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed * 31 + i);
        }
        return bytes;
    }

    private static long file(TestVolume v) throws FsException {
        return v.lookup(FileSystem.ROOT_INO, "file");
    }

    private static CrashWorkload write(CrashOptions options, String name, long offset, int length) {
        CrashWorkload.Step step = v -> v.write(file(v), offset, bytes(length, 7));
        CrashOperation operation = new CrashOperation(name, CrashOperation.Effect.ATOMIC, null, step);
        return new CrashWorkload("atomic write " + name, POOL, ATOMIC, options, List.of(operation));
    }

    static List<CrashWorkload> writes(CrashOptions options) {
        return List.of(
                write(options, "within a block", 100, 200),
                write(options, "a block", BLOCK, BLOCK),
                write(options, "across blocks", 4000, 300),
                write(options, "several blocks", 100, 5 * BLOCK),
                write(options, "from data over a hole and unwritten blocks to data", 7 * BLOCK + 9, 6 * BLOCK),
                write(options, "over pieces", 12 * BLOCK + 5, 6 * BLOCK),
                write(options, "over the end", 20 * BLOCK + 50, 3 * BLOCK),
                write(options, "behind the end", 22 * BLOCK + 50, 100));
    }

    @TestFactory
    Stream<DynamicTest> shouldShowAllOfAWriteOrNothing() {
        return writes(CrashOptions.oneOperation()).stream()
                .map(workload -> DynamicTest.dynamicTest(workload.name(), () -> {
                    CrashSummary summary = workload.run(recorder -> {});
                    assertTrue(summary.images() > 2, summary::toString);
                    summary.assertNoViolations();
                }));
    }

    /** More pieces than one record holds, because it was written backwards: moved together first. */
    @Test
    void shouldReplaceWhatIsFragmented() throws Exception {
        int blocks = 1000;
        try (TestVolume v = volume(64L << 20)) {
            long file = v.create(FileSystem.ROOT_INO, "file");
            for (int block = blocks - 1; block >= 0; block--) {
                v.write(file, (long) block * BLOCK, bytes(BLOCK, block));
            }
            long free = v.freeBlocks();
            byte[] before = v.read(file, 0, blocks * BLOCK);
            byte[] written = bytes((blocks - 1) * BLOCK, 5);
            v.write(file, 77, written);
            byte[] expected = before.clone();
            System.arraycopy(written, 0, expected, 77, written.length);
            assertArrayEquals(expected, v.read(file, 0, blocks * BLOCK));
            assertTrue(v.freeBlocks() >= free, v.freeBlocks() + " blocks free, " + free + " before");
        }
    }

    /** An overwrite needs room for the new beside the old: without, nothing changes. */
    @Test
    void shouldChangeNothingWithoutRoom() throws Exception {
        try (TestVolume v = volume(16L << 20)) {
            long file = v.create(FileSystem.ROOT_INO, "file");
            byte[] before = bytes(1 << 20, 3);
            v.write(file, 0, before);
            long filler = v.create(FileSystem.ROOT_INO, "filler");
            FsException full = assertThrows(FsException.class, () -> {
                for (long at = 0; ; at += 64 << 10) {
                    v.write(filler, at, new byte[64 << 10]);
                }
            });
            assertEquals(Errno.ENOSPC, full.errno());
            FsException refused = assertThrows(FsException.class, () -> v.write(file, 5, bytes(900_000, 8)));
            assertEquals(Errno.ENOSPC, refused.errno());
            assertTrue(Arrays.equals(before, v.read(file, 0, before.length)));
        }
    }

    private static TestVolume volume(long sizeBytes) throws Exception {
        return new TestVolume(TestVolume.map(sizeBytes), sizeBytes, new NoDomain(), null, ATOMIC);
    }
}
