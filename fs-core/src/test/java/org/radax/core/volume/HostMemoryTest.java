package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.core.check.Checker;
import org.radax.core.error.PoolException;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/** A pool on a real tmpfs holds the host's memory that its files need, and gives back what they needed. */
final class HostMemoryTest {
    private static final int ST_BLOCKS = 64;
    private static final long SECTOR_BYTES = 512;
    private static final int RUNS = 16;
    private static final long FILE_BYTES = RUNS * Units.RUN_BYTES;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private Path directory;
    private Path pool;

    @BeforeEach
    void format() throws IOException, PoolException {
        directory = Files.createTempDirectory(Path.of("/dev/shm"), "radax-host");
        pool = directory.resolve("pool");
        Formatter.format(new FormatOptions(pool, 1L << 30, "test", new UUID(1, 2), 0600, -1, false, false));
    }

    @AfterEach
    void delete() throws IOException {
        Files.delete(pool);
        Files.delete(directory);
    }

    private static VolumeOptions discarding(boolean discard) {
        return new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", discard, false);
    }

    /** What the host holds for the pool, in bytes. */
    private long held() {
        int fd = LibC.INSTANCE.open(pool.toString(), LibC.O_RDONLY, 0);
        long stat = RawMemory.allocate(256);
        try {
            assertEquals(0, LibC.INSTANCE.fstat(fd, stat), LibC.lastError());
            return RawMemory.getLong(stat + ST_BLOCKS) * SECTOR_BYTES;
        } finally {
            RawMemory.free(stat);
            LibC.INSTANCE.close(fd);
        }
    }

    private void fill(TestVolume v, String name) throws Exception {
        fill(v, name, held());
    }

    /** {@code before}: what the host held when there was none of it. */
    private void fill(TestVolume v, String name, long before) throws Exception {
        long file = v.create(ROOT_INO, name);
        byte[] content = OperationWorkloads.bytes(1 << 20, 1);
        for (long at = 0; at < FILE_BYTES; at += content.length) {
            v.write(file, at, content);
        }
        assertArrayEquals(content, v.read(file, FILE_BYTES - content.length, content.length));
        assertTrue(held() - before >= FILE_BYTES, held() - before + " bytes more");
    }

    private void awaitGivenBack(long most) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (held() > most && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        assertTrue(held() <= most, held() + " bytes are still held, at most " + most + " expected");
    }

    private void assertSound() throws PoolException {
        assertEquals(List.of(), Checker.check(pool, false, line -> {}).findings());
    }

    @Test
    void shouldHoldNextToNothingForAnEmptyPool() {
        assertTrue(held() < 4 << 20, held() + " bytes");
    }

    @Test
    void shouldGiveBackWhatWasDeletedWhileMounted() throws Exception {
        try (TestVolume v = new TestVolume(pool, discarding(true))) {
            v.create(ROOT_INO, "first");
            long empty = held();
            fill(v, "file");

            v.unlink(ROOT_INO, "file");

            awaitGivenBack(empty + Units.RUN_BYTES);
            // The last run may be given back only now.
            fill(v, "again", empty);
        }
        assertSound();
    }

    /** What was written under one mount is deleted under another. */
    @Test
    void shouldGiveBackWhatAnEarlierMountWrote() throws Exception {
        try (TestVolume v = new TestVolume(pool, discarding(true))) {
            fill(v, "file");
        }
        try (TestVolume v = new TestVolume(pool, discarding(true))) {
            long full = held();

            v.unlink(ROOT_INO, "file");

            awaitGivenBack(full - (RUNS - 1) * Units.RUN_BYTES);
        }
        assertSound();
    }

    @Test
    void shouldGiveBackOnlyWhenTrimmedIfToldSo() throws Exception {
        try (TestVolume v = new TestVolume(pool, discarding(false))) {
            fill(v, "file");
            fill(v, "stays");
            long full = held();
            v.unlink(ROOT_INO, "file");
            assertEquals(0, v.volume.core().allocator.discardFreeRuns());
            assertEquals(full, held());
            assertEquals(0, v.volume.trim(0, 1L << 30, Units.RUN_BYTES + 1));

            long given = v.volume.trim(0, 1L << 30, 0);

            assertTrue(given >= (RUNS - 1) * Units.RUN_BYTES, given + " bytes");
            assertTrue(full - held() >= (RUNS - 1) * Units.RUN_BYTES, full - held() + " bytes less");
            assertEquals(given, v.volume.trim(0, 1L << 30, 0));
            byte[] content = OperationWorkloads.bytes(1 << 20, 1);
            long stays = v.lookup(ROOT_INO, "stays");
            assertArrayEquals(content, v.read(stays, FILE_BYTES - content.length, content.length));
        }
        assertSound();
    }

    /** A run that was free before the mount may hold memory too: a crash, or an unmount, came before the discard. */
    @Test
    void shouldTrimWhatAnEarlierMountLeft() throws Exception {
        try (TestVolume v = new TestVolume(pool, discarding(false))) {
            fill(v, "file");
            v.unlink(ROOT_INO, "file");
        }
        try (TestVolume v = new TestVolume(pool, discarding(false))) {
            long full = held();

            v.volume.trim(0, 1L << 30, 0);

            assertTrue(full - held() >= (RUNS - 1) * Units.RUN_BYTES, full - held() + " bytes less");
        }
        assertSound();
    }
}
