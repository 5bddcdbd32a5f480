package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;

final class VolumeShutdownTest {
    private static final byte[] DATA = OperationWorkloads.bytes(10_000, 1);

    private final TestVolume v;

    VolumeShutdownTest() throws PoolException {
        v = new TestVolume(64L << 20);
    }

    @AfterEach
    void close() {
        v.close();
    }

    private void shutDown() {
        v.volume.shutDown(ino -> {});
        assertTrue(v.volume.isShutDown());
    }

    @Test
    void shouldShowAtTheNextMountWhatWasAnswered() throws Exception {
        long file = v.create(ROOT_INO, "file");
        v.write(file, 0, DATA);
        shutDown();
        assertThrows(FsException.class, () -> v.write(file, 0, new byte[10]));
        assertThrows(FsException.class, () -> v.create(ROOT_INO, "more"));
        v.remount();
        assertArrayEquals(DATA, v.read(file, 0, DATA.length));
        assertEquals(List.of("file"), v.list(ROOT_INO, 10));
        v.create(ROOT_INO, "more");
    }

    @Test
    void shouldLeaveUnfinishedBusinessToTheNextMount() throws Exception {
        long free = v.freeBlocks();
        long file = v.create(ROOT_INO, "file");
        v.write(file, 0, DATA);
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 0, false);
        v.unlink(ROOT_INO, "file");
        shutDown();
        v.volume.release(open);
        v.volume.close();
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        v.mount();
        assertTrue(v.volume.info().remarks().contains("finished the removal or truncation of 1 files"));
        v.remount();
        assertEquals(free, v.freeBlocks());
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
    }

    @Test
    void shouldNameTheInodesThatMayBeCached() throws Exception {
        v.create(ROOT_INO, "closed");
        long file = v.create(ROOT_INO, "open");
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 0, false);
        List<Long> held = new ArrayList<>();
        v.volume.shutDown(held::add);
        assertEquals(List.of(ROOT_INO, file), held);
        v.volume.release(open);
    }

    @Test
    void shouldNotBeRemounted() {
        shutDown();
        PoolException e = assertThrows(PoolException.class, () -> v.volume.remount(true));
        assertEquals(Errno.EIO, e.errno());
    }
}
