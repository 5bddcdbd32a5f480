package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;

/** Whoever maps a file is asked before blocks under the mapping go. */
final class LayoutGuardTest {
    private static final int PUNCH = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;

    private final List<String> asked = new ArrayList<>();
    private boolean mapped;
    private boolean busy;
    private TestVolume v;
    private long file;

    /** Notes what it is asked, and how many blocks were free then. */
    private final class Recorder implements LayoutGuard {
        @Override
        public void breakLayout(long ino, long start, long end, Mode mode) throws FsException {
            String until = end == Long.MAX_VALUE ? "end" : Long.toString(end);
            asked.add(mode + " [" + start + ", " + until + ") free " + v.freeBlocks());
            assertEquals(file, ino);
            if (busy) {
                throw new FsException(Errno.EBUSY, "break layout", "a client is busy");
            }
        }

        @Override
        public void settleLayout(long ino, boolean kept) {
            if (kept) {
                asked.add("kept");
            }
        }

        @Override
        public void switchMode(long ino, Change change) throws FsException {
            asked.add("switch");
            if (mapped) {
                throw new FsException(Errno.EBUSY, "switch", "mapped");
            }
            change.run();
        }
    }

    LayoutGuardTest() throws PoolException {
        v = new TestVolume(64L << 20, new ScarceHost(), new Recorder());
    }

    @AfterEach
    void close() {
        v.close();
    }

    private void asks(String expected, CrashWorkload.Step operation) throws FsException {
        file = v.create(ROOT_INO, "file");
        v.write(file, 0, new byte[50_000]);
        asked.clear();
        String all = expected + " free " + v.freeBlocks();
        operation.run(v);
        assertEquals(List.of(all), asked);
        busy = true;
        FsException e = assertThrows(FsException.class, () -> {
            v.write(file, 0, new byte[50_000]);
            operation.run(v);
        });
        assertEquals(Errno.EBUSY, e.errno());
        assertEquals("kept", asked.get(asked.size() - 1));
        busy = false;
        v.unlink(ROOT_INO, "file");
    }

    /** A client that maps a file holds it: the last one to let go of it frees it. */
    @Test
    void shouldBeAskedBeforeAHeldFileIsFreed() throws FsException {
        file = v.create(ROOT_INO, "file");
        v.write(file, 0, new byte[50_000]);
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        v.unlink(ROOT_INO, "file");
        assertEquals(List.of(), asked);
        String all = "FINAL [0, end) free " + v.freeBlocks();
        v.volume.release(open);
        assertEquals(List.of(all), asked);
    }

    @Test
    void shouldBeAskedBeforeBlocksGo() throws FsException {
        asks("WAIT [12288, end)", t -> t.truncate(file, 9000));
        asks("WAIT [0, end)", t -> {
            t.volume.release(t.volume.open(TestVolume.ROOT, file, 01002, false));
        });
        asks("WAIT [5000, 25000)", t -> t.fallocate(file, PUNCH, 5000, 20_000));
        asks("WAIT [5000, 25000)", t -> t.fallocate(file, FileSystem.FALLOC_ZERO_RANGE, 5000, 20_000));
    }

    @Test
    void shouldBeAskedBeforeTheDaxFlagChanges() throws FsException {
        file = v.create(ROOT_INO, "file");
        v.write(file, 0, new byte[50_000]);
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.DAX);
        assertEquals(List.of("switch"), asked);
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.DAX | InodeFlags.NODUMP);
        assertEquals(1, asked.size());
        mapped = true;
        FsException e = assertThrows(FsException.class, () -> v.volume.setFlags(TestVolume.ROOT, file, 0));
        assertEquals(Errno.EBUSY, e.errno());
        assertEquals(InodeFlags.DAX | InodeFlags.NODUMP, v.stat(file).flags);
    }
}
