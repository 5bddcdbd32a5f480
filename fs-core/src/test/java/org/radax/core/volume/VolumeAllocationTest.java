package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;

/** After warm-up the hot paths leave no garbage: nothing to collect while a mount is under load. */
final class VolumeAllocationTest {
    private static final int ROUNDS = 6;
    private static final int CALLS = 20_000;

    private interface Call {
        void run() throws FsException;
    }

    private static final class Nowhere implements ReadSink {
        @Override
        public void segment(long address, long lengthBytes) {
            // Nothing to send.
        }

        @Override
        public void complete() {
            // Nothing to send.
        }
    }

    /** The least of several rounds: the JIT compiler may still be at work in the first ones. */
    private static long bytesPerRound(Call call) throws FsException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getThreadAllocatedBytes(id);
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
        }
        return least;
    }

    @Test
    void shouldReadWriteStatAndLookUpWithoutAllocating() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            long ino = v.create(FileSystem.ROOT_INO, "file");
            v.write(ino, 0, new byte[1 << 20]);
            // A label, as a security module gives every file one.
            v.setxattr(ino, "security.label", new byte[20]);
            OpenFile open = v.volume.open(TestVolume.ROOT, ino, 2, false);
            long buffer = RawMemory.allocateForEver(4096, 4096);
            Attributes out = new Attributes();
            Name name = Name.of("file");
            Nowhere sink = new Nowhere();
            int[] at = {0};
            assertEquals(
                    0,
                    bytesPerRound(() -> {
                        at[0] = (at[0] + 7) & 255;
                        v.volume.read(open, at[0] * 4096L, 4096, sink);
                    }),
                    "bytes allocated by reads");
            assertEquals(
                    0,
                    bytesPerRound(() -> {
                        at[0] = (at[0] + 7) & 255;
                        v.volume.write(TestVolume.ROOT, open, at[0] * 4096L, buffer, 4096, 0);
                    }),
                    "bytes allocated by writes");
            assertEquals(
                    0,
                    bytesPerRound(() -> {
                        at[0] = (at[0] + 7) & 255;
                        v.volume.write(TestVolume.ROOT, open, at[0] * 4096L, buffer, 4096, FileSystem.WRITE_CACHE);
                    }),
                    "bytes allocated by writes out of the page cache");
            assertEquals(0, bytesPerRound(() -> v.volume.getattr(ino, out)), "bytes allocated by getattr");
            assertEquals(
                    0,
                    bytesPerRound(() -> {
                        v.volume.lookup(FileSystem.ROOT_INO, name, out);
                        v.volume.forget(out.ino, 1);
                    }),
                    "bytes allocated by look-ups");
            v.volume.release(open);
        }
    }
}
