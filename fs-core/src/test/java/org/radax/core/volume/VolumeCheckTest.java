package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.unit.Units;

/** What a volume writes is what the checker expects: two readings of docs/FORMAT.md against each other. */
final class VolumeCheckTest {
    private static final long ROOT = FileSystem.ROOT_INO;

    private final TestVolume v;

    VolumeCheckTest() throws PoolException {
        v = new TestVolume(64L << 20);
    }

    @AfterEach
    void close() {
        v.close();
    }

    private void assertClean() {
        CheckReport report = Checker.check(v.memory, false, message -> {});
        assertEquals(List.of(), report.findings());
    }

    @Test
    void shouldAgreeOnFreshVolume() {
        assertClean();
        v.volume.close();
        assertClean();
    }

    @Test
    void shouldAgreeAfterEveryStepOfARichLife() throws FsException {
        long dir = v.mkdir(ROOT, "dir");
        assertClean();
        long file = v.create(dir, "file");
        v.write(file, 0, new byte[300_001]);
        assertClean();
        v.write(file, 8L << 30, new byte[10]);
        v.fallocate(file, FileSystem.FALLOC_KEEP_SIZE, 9L << 30, 1 << 20);
        assertClean();
        v.fallocate(file, FileSystem.FALLOC_KEEP_SIZE | FileSystem.FALLOC_PUNCH_HOLE, 5000, 100_000);
        assertClean();
        v.truncate(file, 12345);
        assertClean();
        v.link(file, ROOT, "hard");
        v.symlink(dir, "soft", "x".repeat(4095));
        assertClean();
        v.setxattr(file, "user.small", new byte[10]);
        v.setxattr(file, "user.big", new byte[65536]);
        v.setxattr(file, "user.middle", new byte[1024]);
        assertClean();
        v.rename(ROOT, "dir", ROOT, "other", 0);
        long sub = v.mkdir(dir, "sub");
        v.rename(dir, "sub", ROOT, "up", 0);
        assertTrue(v.lookup(ROOT, "up") == sub);
        assertClean();
        v.unlink(ROOT, "hard");
        v.unlink(dir, "file");
        v.rmdir(ROOT, "up");
        assertClean();
        v.remount();
        assertClean();
    }

    @Test
    void shouldAgreeOnLargeDirectoriesAndFragmentedFiles() throws FsException {
        Random random = new Random(1);
        long file = v.create(ROOT, "fragmented");
        for (int i = 0; i < 2000; i++) {
            v.write(file, (long) random.nextInt(1 << 20) * Units.BLOCK_BYTES, new byte[1]);
        }
        assertClean();
        long dir = v.mkdir(ROOT, "many");
        for (int i = 0; i < 5000; i++) {
            v.create(dir, "name number " + i);
        }
        assertClean();
        for (int i = 0; i < 5000; i += 3) {
            v.unlink(dir, "name number " + i);
        }
        assertClean();
        v.truncate(file, 0);
        assertClean();
        v.volume.close();
        assertClean();
        assertEquals(0, Checker.check(v.memory, true, message -> {}).exitCode());
        v.mount();
        assertEquals(3333, v.list(dir, 100).size());
    }

    @Test
    void shouldAgreeOverSeveralGroups() throws FsException {
        try (TestVolume large = new TestVolume(300L << 20)) {
            long file = large.create(ROOT, "large");
            large.fallocate(file, 0, 0, 200L << 20);
            for (int i = 0; i < 50; i++) {
                large.write(large.create(ROOT, "file " + i), 0, new byte[1 << 20]);
            }
            CheckReport report = Checker.check(large.memory, false, message -> {});
            assertEquals(List.of(), report.findings());
            assertEquals(3, report.summary().get("groupsInUse"));
            large.volume.close();
            assertEquals(0, Checker.check(large.memory, true, message -> {}).exitCode());
        }
    }

    /** The search for chunks that a damaged map asks for finds no ghosts of those that were given up. */
    @Test
    void shouldRepairAChunkMapAfterDeletions() throws FsException {
        long kept = v.create(ROOT, "kept");
        long dir = v.mkdir(ROOT, "dir");
        for (int i = 0; i < 100; i++) {
            v.create(dir, "empty " + i);
        }
        for (int i = 0; i < 100; i++) {
            v.unlink(dir, "empty " + i);
        }
        v.rmdir(ROOT, "dir");
        v.volume.close();
        long word = Units.blockToBytes(Geometry.forNewPool(64L << 20, false).chunkMapBlock(0)) + 2000;
        v.memory.putLong(word, v.memory.getLong(word) ^ 1);
        assertEquals(1, Checker.check(v.memory, true, message -> {}).exitCode());
        assertClean();
        v.mount();
        assertEquals(kept, v.lookup(ROOT, "kept"));
        assertEquals(List.of("kept"), v.list(ROOT, 100));
    }
}
