package org.radax.fuse.lease;

import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;

/** poll(2) on one or two descriptors. */
final class Polling {
    /** struct pollfd: int fd, short events, short revents. */
    private static final int SIZE = 8;

    private static final int EVENTS = 4;
    private static final int RESULT = 6;

    private Polling() {}

    /** Whether there is something to read, or the other side has hung up, within some time; -1: however long it takes. */
    static boolean isReadable(int fd, int timeoutMillis) {
        return readable(fd, -1, timeoutMillis) != 0;
    }

    /** Waits until there is something to read; false if there is not, but something is wrong, or the other is hung up. */
    static boolean awaitReadable(int fd, int hangingUp) {
        long polled = RawMemory.allocate(2 * SIZE);
        try {
            RawMemory.putInt(polled, fd);
            RawMemory.putInt(polled + EVENTS, LibC.POLLIN);
            RawMemory.putInt(polled + SIZE, hangingUp);
            RawMemory.putInt(polled + SIZE + EVENTS, 0);
            int ready;
            do {
                ready = LibC.INSTANCE.poll(polled, 2, -1);
            } while (ready < 0 && LibC.errno() == Errno.EINTR.number());
            return RawMemory.getShort(polled + SIZE + RESULT) == 0
                    && (RawMemory.getShort(polled + RESULT) & LibC.POLLIN) != 0;
        } finally {
            RawMemory.free(polled);
        }
    }

    /** Bit 0 for the first descriptor, bit 1 for the second; 0 when the time is over. */
    static int readable(int first, int second, int timeoutMillis) {
        long polled = RawMemory.allocate(2 * SIZE);
        try {
            for (int i = 0; i < 2; i++) {
                RawMemory.putInt(polled + (long) i * SIZE, i == 0 ? first : second);
                RawMemory.putInt(polled + (long) i * SIZE + EVENTS, LibC.POLLIN);
            }
            int ready = LibC.INSTANCE.poll(polled, 2, timeoutMillis);
            if (ready <= 0) {
                return 0;
            }
            return (RawMemory.getShort(polled + RESULT) != 0 ? 1 : 0)
                    | (RawMemory.getShort(polled + SIZE + RESULT) != 0 ? 2 : 0);
        } finally {
            RawMemory.free(polled);
        }
    }
}
