package org.radax.fuse.mount;

import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;

/** A descriptor sent over a Unix socket: one byte of data, and SCM_RIGHTS beside it (recvmsg(2), cmsg(3)). */
final class DescriptorMessage {
    /** struct msghdr. */
    private static final int IOV = 2 * Long.BYTES;

    private static final int IOV_COUNT = IOV + Long.BYTES;
    private static final int CONTROL = IOV_COUNT + Long.BYTES;
    private static final int CONTROL_LENGTH = CONTROL + Long.BYTES;
    private static final int HEADER_SIZE = CONTROL_LENGTH + 2 * Long.BYTES;

    /** struct iovec and the byte behind it. */
    private static final int IOVEC = HEADER_SIZE;

    private static final int DATA = IOVEC + 2 * Long.BYTES;

    /** struct cmsghdr: long length, int level, int type; then the descriptor. */
    private static final int CMSG = DATA + Long.BYTES;

    private static final int CMSG_LEVEL = CMSG + Long.BYTES;
    private static final int CMSG_TYPE = CMSG_LEVEL + Integer.BYTES;
    private static final int CMSG_DESCRIPTOR = CMSG_TYPE + Integer.BYTES;
    private static final int CMSG_SPACE = CMSG_DESCRIPTOR + Long.BYTES - CMSG;
    private static final int SIZE = CMSG + CMSG_SPACE;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int EINTR = 4;

    private DescriptorMessage() {}

    /** Waits for a descriptor; -1 if the other side closed without sending one. */
    static int receive(int socket) {
        long message = RawMemory.allocate(SIZE);
        try {
            long received;
            do {
                RawMemory.fill(message, SIZE, (byte) 0);
                RawMemory.putLong(message + IOV, message + IOVEC);
                RawMemory.putLong(message + IOV_COUNT, 1);
                RawMemory.putLong(message + CONTROL, message + CMSG);
                RawMemory.putLong(message + CONTROL_LENGTH, CMSG_SPACE);
                RawMemory.putLong(message + IOVEC, message + DATA);
                RawMemory.putLong(message + IOVEC + Long.BYTES, 1);
                received = LibC.INSTANCE.recvmsg(socket, message, 0);
            } while (received < 0 && LibC.errno() == EINTR);
            boolean holdsDescriptor = received > 0
                    && RawMemory.getInt(message + CMSG_LEVEL) == SOL_SOCKET
                    && RawMemory.getInt(message + CMSG_TYPE) == SCM_RIGHTS;
            return holdsDescriptor ? RawMemory.getInt(message + CMSG_DESCRIPTOR) : -1;
        } finally {
            RawMemory.free(message);
        }
    }
}
