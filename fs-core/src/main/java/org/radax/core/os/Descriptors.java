package org.radax.core.os;

import java.util.Arrays;

/** Messages over a Unix socket that carry descriptors (SCM_RIGHTS: sendmsg(2), recvmsg(2), cmsg(3)). */
public final class Descriptors {
    /** A message carries at most this many. */
    public static final int MOST = 8;

    /** struct msghdr. */
    private static final int IOV = 2 * Long.BYTES;

    private static final int IOV_COUNT = IOV + Long.BYTES;
    private static final int CONTROL = IOV_COUNT + Long.BYTES;
    private static final int CONTROL_LENGTH = CONTROL + Long.BYTES;

    /** struct iovec, behind the header. */
    private static final int IOVEC = CONTROL_LENGTH + 2 * Long.BYTES;

    /** struct cmsghdr: long length, int level, int type; then the descriptors. */
    private static final int CMSG = IOVEC + 2 * Long.BYTES;

    private static final int CMSG_LEVEL = CMSG + Long.BYTES;
    private static final int CMSG_TYPE = CMSG_LEVEL + Integer.BYTES;
    private static final int CMSG_DATA = CMSG_TYPE + Integer.BYTES;
    private static final int SIZE = CMSG_DATA + MOST * Integer.BYTES;
    private static final int SCM_RIGHTS = 1;
    private static final int EINTR = 4;

    private Descriptors() {}

    /** Returns the bytes sent, or -1 with errno set; a peer that has hung up raises no signal. */
    public static long send(int socket, long data, int lengthBytes, int... descriptors) {
        long message = RawMemory.allocate(SIZE);
        try {
            prepare(message, data, lengthBytes, descriptors.length);
            RawMemory.putLong(message + CMSG, CMSG_DATA - CMSG + (long) descriptors.length * Integer.BYTES);
            RawMemory.putInt(message + CMSG_LEVEL, LibC.SOL_SOCKET);
            RawMemory.putInt(message + CMSG_TYPE, SCM_RIGHTS);
            for (int i = 0; i < descriptors.length; i++) {
                RawMemory.putInt(message + CMSG_DATA + (long) i * Integer.BYTES, descriptors[i]);
            }
            long sent;
            do {
                sent = LibC.INSTANCE.sendmsg(socket, message, LibC.MSG_NOSIGNAL);
            } while (sent < 0 && LibC.errno() == EINTR);
            return sent;
        } finally {
            RawMemory.free(message);
        }
    }

    /**
     * Waits for a message.
     *
     * @param into gets the descriptors that came with it, close-on-exec, -1 where there was none; at most {@link #MOST}
     * @return the bytes received, 0 if the other side hung up, or -1 with errno set
     */
    public static long receive(int socket, long data, int capacity, int[] into) {
        Arrays.fill(into, -1);
        long message = RawMemory.allocate(SIZE);
        try {
            long received;
            do {
                prepare(message, data, capacity, MOST);
                received = LibC.INSTANCE.recvmsg(socket, message, LibC.MSG_CMSG_CLOEXEC);
            } while (received < 0 && LibC.errno() == EINTR);
            if (received >= 0 && RawMemory.getLong(message + CONTROL_LENGTH) >= CMSG_DATA - CMSG) {
                take(message, into);
            }
            return received;
        } finally {
            RawMemory.free(message);
        }
    }

    private static void prepare(long message, long data, int lengthBytes, int descriptors) {
        RawMemory.fill(message, SIZE, (byte) 0);
        RawMemory.putLong(message + IOV, message + IOVEC);
        RawMemory.putLong(message + IOV_COUNT, 1);
        RawMemory.putLong(message + IOVEC, data);
        RawMemory.putLong(message + IOVEC + Long.BYTES, lengthBytes);
        if (descriptors > 0) {
            RawMemory.putLong(message + CONTROL, message + CMSG);
            // CMSG_SPACE: a multiple of 8.
            RawMemory.putLong(
                    message + CONTROL_LENGTH, (CMSG_DATA - CMSG + (long) descriptors * Integer.BYTES + 7) & -8L);
        }
    }

    /** Those that nobody asked for are closed. */
    private static void take(long message, int[] into) {
        if (RawMemory.getInt(message + CMSG_LEVEL) != LibC.SOL_SOCKET
                || RawMemory.getInt(message + CMSG_TYPE) != SCM_RIGHTS) {
            return;
        }
        long count = (RawMemory.getLong(message + CMSG) - (CMSG_DATA - CMSG)) / Integer.BYTES;
        for (int i = 0; i < count; i++) {
            int descriptor = RawMemory.getInt(message + CMSG_DATA + (long) i * Integer.BYTES);
            if (i < into.length) {
                into[i] = descriptor;
            } else {
                LibC.INSTANCE.close(descriptor);
            }
        }
    }
}
