package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.unit.Units;

/** FITRIM. The volume in memory has no thread that gives memory back by itself. */
final class TrimTest {
    private static final long POOL_BYTES = 512L << 20;

    private final ScarceHost host = new ScarceHost();
    private final TestVolume v;

    TrimTest() throws PoolException {
        v = new TestVolume(POOL_BYTES, host, null);
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static void isInvalid(Executable trim) {
        assertEquals(Errno.EINVAL, assertThrows(FsException.class, trim).errno());
    }

    @Test
    void shouldGiveBackWhatAnEarlierMountFreed() throws Exception {
        long file = v.create(ROOT_INO, "file");
        long before = host.providedBytes();
        v.fallocate(file, 0, 0, 200L << 20);
        assertTrue(host.providedBytes() >= before + (200L << 20));
        v.unlink(ROOT_INO, "file");
        v.remount();
        v.volume.trim(0, Long.MAX_VALUE, 0);
        assertTrue(host.providedBytes() <= before + Units.RUN_BYTES, "left: " + host.providedBytes());
    }

    @Test
    void shouldCountAllFreeRunsHoweverOften() throws Exception {
        long trimmed = v.volume.trim(0, Long.MAX_VALUE, 0);
        assertTrue(trimmed > POOL_BYTES * 9 / 10 && trimmed < Units.blockToBytes(v.freeBlocks()), "bytes: " + trimmed);
        assertEquals(trimmed, v.volume.trim(0, Long.MAX_VALUE, 0));
        long half = v.volume.trim(0, POOL_BYTES / 2, 0);
        assertEquals(trimmed, half + v.volume.trim(POOL_BYTES / 2, POOL_BYTES / 2, 0));
    }

    @Test
    void shouldLeaveFilesAlone() throws Exception {
        long file = v.create(ROOT_INO, "file");
        byte[] data = OperationWorkloads.bytes(3 << 20, 1);
        v.write(file, 0, data);
        long provided = host.providedBytes();
        v.volume.trim(0, Long.MAX_VALUE, 0);
        assertTrue(host.providedBytes() > data.length && host.providedBytes() <= provided);
        assertArrayEquals(data, v.read(file, 0, data.length));
        v.write(v.create(ROOT_INO, "next"), 0, data);
    }

    @Test
    void shouldRefuseARangeWithoutBlocks() throws Exception {
        isInvalid(() -> v.volume.trim(POOL_BYTES, Long.MAX_VALUE, 0));
        isInvalid(() -> v.volume.trim(0, 0, 0));
        isInvalid(() -> v.volume.trim(0, Units.BLOCK_BYTES - 1, 0));
        assertEquals(0, v.volume.trim(0, Units.BLOCK_BYTES, 0));
    }
}
