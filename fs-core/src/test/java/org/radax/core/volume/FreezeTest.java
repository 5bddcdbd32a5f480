package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/** A frozen volume: who changes it waits, and its pool stays as it is. */
final class FreezeTest {
    private static final long POOL_BYTES = 16L << 20;

    @AfterEach
    void letTheClockRun() {
        StoppedClock.release();
    }

    private interface Call {
        void run() throws FsException;
    }

    private static CompletableFuture<Void> later(Call call) {
        return CompletableFuture.runAsync(() -> {
            try {
                call.run();
            } catch (FsException e) {
                throw new IllegalStateException(e.errno().name());
            }
        });
    }

    private static void assertWaits(CompletableFuture<Void> future) {
        assertThrows(TimeoutException.class, () -> future.get(100, TimeUnit.MILLISECONDS));
    }

    private static long checksum(TestVolume v) {
        CRC32 crc = new CRC32();
        for (long at = 0; at < POOL_BYTES; at += Long.BYTES) {
            long word = v.memory.getLong(at);
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                crc.update((int) (word >>> shift) & 0xff);
            }
        }
        return crc.getValue();
    }

    @Test
    void shouldWaitForChangesUnderWay() throws Exception {
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            assertTrue(v.volume.startChange());
            CompletableFuture<Void> freezing = later(v.volume::freeze);
            assertWaits(freezing);
            assertFalse(v.volume.startChange());
            v.volume.endChange();
            freezing.get();
            assertTrue(v.volume.isFrozen());
        }
    }

    @Test
    void shouldKeepChangesWaitingUntilTheThaw() throws Exception {
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            v.volume.freeze();
            CompletableFuture<Void> waiting = later(() -> v.volume.awaitChange(() -> false));
            AtomicBoolean cancelled = new AtomicBoolean();
            CompletableFuture<Void> interrupted = later(() -> v.volume.awaitChange(cancelled::get));
            assertWaits(waiting);
            cancelled.set(true);
            assertEquals(
                    "EINTR",
                    assertThrows(ExecutionException.class, interrupted::get)
                            .getCause()
                            .getMessage());
            assertWaits(waiting);
            assertTrue(v.volume.thaw());
            waiting.get();
            v.volume.endChange();
            assertFalse(v.volume.thaw());
        }
    }

    /** What it finds at rest is durable; what is about to be, is not yet. */
    @Test
    void shouldKeepASyncWaitingForTheEndOfAFreeze() throws Exception {
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            assertTrue(v.volume.startChange());
            CompletableFuture<Void> freezing = later(v.volume::freeze);
            assertWaits(freezing);
            CompletableFuture<Void> syncing = later(v.volume::syncVolume);
            assertWaits(syncing);
            v.volume.endChange();
            freezing.get();
            syncing.get();
        }
    }

    @Test
    void shouldRefuseToFreezeTwice() throws Exception {
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            v.volume.freeze();
            assertEquals(
                    Errno.EBUSY,
                    assertThrows(FsException.class, v.volume::freeze).errno());
            assertTrue(v.volume.isFrozen());
        }
    }

    @Test
    void shouldChangeNothingInThePool() throws Exception {
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            long free = v.freeBlocks();
            long file = v.create(FileSystem.ROOT_INO, "file");
            v.write(file, 0, new byte[100_000]);
            OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
            // Relatime: a read after this would change the time.
            StoppedClock.stopAt(Clock.now() + 1_000_000_000L);
            v.volume.freeze();
            long before = checksum(v);
            long atime = v.stat(file).atimeNanos;

            v.read(file, 0, 100);
            v.list(FileSystem.ROOT_INO, 10);
            v.volume.fsync(open, 0, Long.MAX_VALUE, false);
            v.volume.syncVolume();
            assertEquals(before, checksum(v));
            assertEquals(atime, v.stat(file).atimeNanos);

            v.volume.thaw();
            v.read(file, 0, 100);
            assertNotEquals(atime, v.stat(file).atimeNanos);
            v.unlink(FileSystem.ROOT_INO, "file");
            v.volume.freeze();
            before = checksum(v);
            v.volume.release(open);
            v.volume.forget(file, 1);
            assertEquals(before, checksum(v));
            assertTrue(v.freeBlocks() < free);
            v.volume.thaw();
            assertEquals(free, v.freeBlocks());
        }
    }
}
