package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Operations in orders that nobody thinks of: on what is gone, half gone, or at its limit. */
final class HostileOrderTest {
    private static final int FULL = -1;

    private final TestVolume v;
    private final long free;

    HostileOrderTest() throws PoolException {
        v = new TestVolume(64L << 20);
        free = v.freeBlocks();
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static void fails(Errno errno, Executable action) {
        FsException e = assertThrows(FsException.class, action);
        assertEquals(errno, e.errno(), e.getMessage());
    }

    private void assertClean() {
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
    }

    @Test
    void shouldKeepOpenFilesAcrossARemountToReadOnlyAndBack() throws Exception {
        long file = v.create(ROOT_INO, "file");
        v.write(file, 0, OperationWorkloads.bytes(50_000, 1));
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        v.unlink(ROOT_INO, "file");
        v.volume.remount(true);
        v.volume.remount(false);
        assertArrayEquals(OperationWorkloads.bytes(50_000, 1), v.read(file, 0, 50_000));
        v.volume.release(open);
        fails(Errno.ESTALE, () -> v.stat(file));
        assertEquals(free, v.freeBlocks());
        assertClean();
    }

    @Test
    void shouldFreeWhatWasReleasedWhileReadOnly() throws Exception {
        long file = v.create(ROOT_INO, "file");
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        v.unlink(ROOT_INO, "file");
        v.volume.remount(true);
        v.volume.release(open);
        v.volume.remount(false);
        assertEquals(free, v.freeBlocks());
        assertClean();
    }

    /** A file without a name is truncated in several steps: it is still one without a name. */
    @Test
    void shouldNotForgetANamelessFileThatIsTruncated() throws FsException {
        long file = v.create(ROOT_INO, "file");
        for (int i = 0; i < 300; i++) {
            v.write(file, i * 8192L, new byte[] {1});
        }
        v.volume.open(TestVolume.ROOT, file, 2, false);
        v.unlink(ROOT_INO, "file");
        v.truncate(file, 5000);
        assertEquals(1, v.stat(file).blocks);
        assertClean();
        v.remount();
        assertEquals(free, v.freeBlocks());
        assertClean();
    }

    @Test
    void shouldAnswerStaleForTheParentOfADirectoryWhenBothAreGone() throws FsException {
        long above = v.mkdir(ROOT_INO, "above");
        long below = v.mkdir(above, "below");
        OpenFile open = v.volume.opendir(TestVolume.ROOT, below);
        v.rmdir(above, "below");
        v.rmdir(ROOT_INO, "above");
        fails(Errno.ESTALE, () -> v.lookup(below, ".."));
        v.volume.release(open);
        assertEquals(free, v.freeBlocks());
    }

    /** Sets an inode's link count as 2^32 - 1 links would have left it. */
    private void pokeLinks(long ino, int links) {
        long inode = ino * Geometry.INODE_BYTES;
        byte[] image = new byte[InodeLayout.CHECKED_BYTES];
        v.memory.copyOut(inode, image, 0, image.length);
        Bytes.putInt(image, InodeLayout.LINK_COUNT, links);
        int sum = new Checksum(new UUID(1, 2)).of(image, image.length, InodeLayout.CHECKSUM);
        Bytes.putInt(image, InodeLayout.CHECKSUM, sum);
        v.memory.copyIn(inode, image, 0, image.length);
    }

    @Test
    void shouldRefuseMoreLinksThanFit() throws FsException {
        long file = v.create(ROOT_INO, "file");
        long full = v.mkdir(ROOT_INO, "full");
        v.create(full, "in");
        long other = v.mkdir(ROOT_INO, "other");
        v.mkdir(other, "dir");
        pokeLinks(file, FULL);
        pokeLinks(full, FULL);
        fails(Errno.EMLINK, () -> v.link(file, ROOT_INO, "link"));
        fails(Errno.EMLINK, () -> v.mkdir(full, "sub"));
        fails(Errno.EMLINK, () -> v.rename(other, "dir", full, "dir", 0));
        fails(Errno.EMLINK, () -> v.rename(other, "dir", full, "in", FileSystem.RENAME_EXCHANGE));
        fails(Errno.EMLINK, () -> v.rename(full, "in", other, "dir", FileSystem.RENAME_EXCHANGE));
        assertEquals(FULL, v.stat(full).linkCount);
        v.unlink(ROOT_INO, "file");
        assertEquals(FULL - 1, v.stat(file).linkCount);
        pokeLinks(file, 0xffff);
        pokeLinks(full, 2);
        v.rename(other, "dir", full, "dir", 0);
    }

    @Test
    void shouldGiveAReusedInodeAnotherGeneration() throws FsException {
        long last = 0;
        for (int i = 0; i < 50; i++) {
            long ino = v.create(ROOT_INO, "file");
            long generation = v.stat(ino).generation;
            assertNotEquals(last, generation);
            last = generation;
            v.unlink(ROOT_INO, "file");
            if (i % 10 == 0) {
                v.remount();
            }
            long chunk = Units.blockToBytes(ino / Geometry.CHUNK_SLOTS) + ChunkLayout.USED;
            assertEquals(0, v.memory.getLong(chunk) & 1L << (ino & 15));
        }
    }

    /** Sizes that leave a last group with next to nothing in it. */
    @Test
    void shouldLiveWithAnyShortLastGroup() throws FsException {
        for (int more = 0; more < 6; more++) {
            try (TestVolume odd = new TestVolume((128L << 20) + more * 4096L)) {
                long freeOfOdd = odd.freeBlocks();
                long file = odd.create(ROOT_INO, "file");
                VolumeStatistics statistics = new VolumeStatistics();
                odd.volume.statistics(statistics);
                odd.fallocate(file, 0, 0, Units.blockToBytes(statistics.availableBlocks - 100));
                assertEquals(
                        List.of(), Checker.check(odd.memory, false, line -> {}).findings(), "more: " + more);
                odd.unlink(ROOT_INO, "file");
                assertEquals(freeOfOdd, odd.freeBlocks());
                odd.volume.close();
                assertEquals(
                        List.of(), Checker.check(odd.memory, false, line -> {}).findings(), "more: " + more);
            }
        }
    }
}
