package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.alloc.Allocator;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.unit.Units;

/** Who gets no blocks, or can not free his own, does no harm to others. */
final class SpaceFailuresTest {
    private static final long POOL_BYTES = 512L << 20;

    private final TestVolume v;

    SpaceFailuresTest() throws PoolException {
        v = new TestVolume(POOL_BYTES);
    }

    @AfterEach
    void close() {
        v.close();
    }

    /** A file has the first group and a part of the second, of which the bitmap is damaged. */
    private long fillAndDamage() throws FsException {
        long filler = v.create(ROOT_INO, "filler");
        v.fallocate(filler, 0, 0, 200L << 20);
        v.volume.close();
        damage(1);
        v.mount();
        return filler;
    }

    private void damage(long group) {
        Geometry geometry = Geometry.forNewPool(POOL_BYTES, false);
        assertTrue(v.memory.getInt(geometry.descriptorOffset(group) + GroupLayout.FREE_BLOCKS) > 0);
        long word = Units.blockToBytes(geometry.bitmapBlock(group)) + 1000;
        v.memory.putLong(word, v.memory.getLong(word) ^ 8);
    }

    @Test
    void shouldTakeBlocksBesideADamagedBitmap() throws FsException {
        fillAndDamage();
        byte[] large = OperationWorkloads.bytes(4 << 20, 1);
        long file = v.create(ROOT_INO, "large");
        v.write(file, 0, large);
        for (int i = 0; i < 100; i++) {
            v.write(v.create(ROOT_INO, "small " + i), 0, new byte[5000]);
        }
        v.truncate(file, 100);
        v.unlink(ROOT_INO, "small 50");
        assertTrue(v.volume.trim(0, Long.MAX_VALUE, 0) > POOL_BYTES / 3);
        v.write(file, 0, large);
        assertArrayEquals(large, v.read(file, 0, large.length));
        FsException full = assertThrows(
                FsException.class, () -> v.fallocate(file, 0, 0, Units.blockToBytes(v.blocksAboveReserve() - 100)));
        assertEquals(Errno.ENOSPC, full.errno());
    }

    @Test
    void shouldKeepNoLockWhenABitmapIsDamaged() throws Exception {
        long filler = fillAndDamage();
        OpenFile open = v.volume.open(TestVolume.ROOT, filler, 2, false);
        v.unlink(ROOT_INO, "filler");
        // The thread that fails to free its blocks ends with what it may have locked.
        CompletableFuture.runAsync(() -> v.volume.release(open), task -> new Thread(task).start())
                .join();
        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            long file = v.create(ROOT_INO, "file");
            OpenFile held = v.volume.open(TestVolume.ROOT, file, 2, false);
            v.unlink(ROOT_INO, "file");
            v.volume.release(held);
        });
    }

    @Test
    void shouldHaveRoomBesideWhoAsksForTooMuch() throws Exception {
        Allocator allocator = v.volume.core().allocator;
        boolean[] done = {false};
        CompletableFuture<Integer> greedy = CompletableFuture.supplyAsync(
                () -> {
                    int refused = 0;
                    while (!done[0] || refused == 0) {
                        assertThrows(FsException.class, () -> allocator.reserve(Units.MAX_FILE_BYTES >> 12));
                        refused++;
                    }
                    return refused;
                },
                task -> new Thread(task).start());
        try {
            for (int i = 0; i < 300_000; i++) {
                allocator.reserve(1);
                allocator.unreserve(1);
            }
        } finally {
            done[0] = true;
        }
        assertTrue(greedy.join() > 0);
    }

    /** A truncation that fails midway leaves blocks behind the new end: nobody sees them there when the file grows again. */
    @Test
    void shouldNotShowWhatATruncationCouldNotFree() throws FsException {
        long file = v.create(ROOT_INO, "file");
        v.fallocate(file, 0, 0, 300L << 20);
        v.write(file, 290L << 20, OperationWorkloads.bytes(1 << 20, 1));
        v.volume.close();
        damage(2);
        v.mount();
        assertEuclean(() -> v.truncate(file, 5000));
        assertEquals(5000, v.stat(file).sizeBytes);
        assertEuclean(() -> v.truncate(file, 300L << 20));
        assertEuclean(() -> v.write(file, 299L << 20, new byte[10]));
        assertEuclean(() -> v.fallocate(file, 0, 0, 300L << 20));
        v.write(file, 1000, new byte[10]);
        assertEquals(5000, v.stat(file).sizeBytes);
        assertEquals(0, v.read(file, 290L << 20, 10).length);
    }

    /** One that is removed before it could be cut takes the record of that with it. */
    @Test
    void shouldMountAfterAHalfCutFileWasRemoved() throws Exception {
        long file = v.create(ROOT_INO, "file");
        // Two steps, of which removal needs the second only.
        v.fallocate(file, 0, 0, 256L << 20);
        v.volume.close();
        damage(2);
        v.mount();
        assertEuclean(() -> v.truncate(file, 5000));
        // As it was.
        damage(2);
        v.unlink(ROOT_INO, "file");
        long next = v.mkdir(ROOT_INO, "next");
        assertEquals(file, next);
        v.remount();
        assertEquals(next, v.lookup(ROOT_INO, "next"));
        v.volume.close();
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        v.mount();
    }

    @Test
    void shouldMakeInodesBesideADamagedChunk() throws FsException {
        long file = 0;
        for (int i = 0; i < 20; i++) {
            file = v.create(ROOT_INO, "file " + i);
        }
        v.volume.close();
        long header = Units.blockToBytes(file >> 4);
        v.memory.putLong(header + ChunkLayout.USED, v.memory.getLong(header + ChunkLayout.USED) ^ 1 << 14);
        v.mount();
        for (int i = 0; i < 50; i++) {
            v.create(ROOT_INO, "more " + i);
        }
        assertEuclean(() -> v.unlink(ROOT_INO, "file 19"));
    }

    private static void assertEuclean(Executable action) {
        FsException refused = assertThrows(FsException.class, action);
        assertEquals(Errno.EUCLEAN, refused.errno(), refused.getMessage());
    }
}
