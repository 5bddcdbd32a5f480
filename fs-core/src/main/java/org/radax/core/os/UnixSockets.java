package org.radax.core.os;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Unix sockets as plain descriptors, because those can carry others ({@link Descriptors}). Failures leave errno. */
public final class UnixSockets {
    /** sockaddr_un: a short, and a path with a NUL. */
    private static final int ADDRESS_SIZE = 110;

    /** The longest path of a socket, in bytes. */
    public static final int MOST_PATH_BYTES = ADDRESS_SIZE - 3;

    private UnixSockets() {}

    /** Listens; the descriptor, or -1. */
    public static int listen(Path path, int backlog) {
        return with(
                path,
                (socket, address) -> LibC.INSTANCE.bind(socket, address, ADDRESS_SIZE) == 0
                        && LibC.INSTANCE.listen(socket, backlog) == 0);
    }

    /** Connects; the descriptor, or -1. */
    public static int connect(Path path) {
        return with(path, (socket, address) -> LibC.INSTANCE.connect(socket, address, ADDRESS_SIZE) == 0);
    }

    @FunctionalInterface
    private interface Step {
        boolean done(int socket, long address);
    }

    private static int with(Path path, Step step) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > MOST_PATH_BYTES) {
            throw new IllegalArgumentException(path + ": longer than a socket's path may be");
        }
        int socket = LibC.INSTANCE.socket(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return -1;
        }
        long address = RawMemory.allocate(ADDRESS_SIZE);
        try {
            RawMemory.fill(address, ADDRESS_SIZE, (byte) 0);
            RawMemory.putShort(address, (short) LibC.AF_UNIX);
            RawMemory.copyIn(name, 0, address + Short.BYTES, name.length);
            if (step.done(socket, address)) {
                return socket;
            }
            // Before close(2) takes its place.
            int errno = LibC.errno();
            LibC.INSTANCE.close(socket);
            jnr.ffi.Runtime.getRuntime(LibC.INSTANCE).setLastError(errno);
            return -1;
        } finally {
            RawMemory.free(address);
        }
    }

    /** Two sockets that are connected to each other; null with errno set. */
    public static int[] pair() {
        long pair = RawMemory.allocate(2 * Integer.BYTES);
        try {
            int type = LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC;
            return LibC.INSTANCE.socketpair(LibC.AF_UNIX, type, 0, pair) == 0
                    ? new int[] {RawMemory.getInt(pair), RawMemory.getInt(pair + Integer.BYTES)}
                    : null;
        } finally {
            RawMemory.free(pair);
        }
    }

    /** A receive or send that takes longer fails with EAGAIN. */
    public static void limit(int socket, long millis) {
        long timeval = RawMemory.allocate(2 * Long.BYTES);
        try {
            RawMemory.putLong(timeval, millis / 1000);
            RawMemory.putLong(timeval + Long.BYTES, millis % 1000 * 1000);
            LibC.INSTANCE.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, timeval, 2 * Long.BYTES);
            LibC.INSTANCE.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_SNDTIMEO, timeval, 2 * Long.BYTES);
        } finally {
            RawMemory.free(timeval);
        }
    }

    /** The process and user at the other end when it connected; pid 0 if it can not be seen from here. */
    public record Peer(int pid, int uid) {
        public static Peer of(int socket) {
            long credentials = RawMemory.allocate(4 * Integer.BYTES);
            try {
                RawMemory.putInt(credentials + 3 * Integer.BYTES, 3 * Integer.BYTES);
                int failed = LibC.INSTANCE.getsockopt(
                        socket, LibC.SOL_SOCKET, LibC.SO_PEERCRED, credentials, credentials + 3 * Integer.BYTES);
                return failed != 0
                        ? new Peer(0, -1)
                        : new Peer(RawMemory.getInt(credentials), RawMemory.getInt(credentials + Integer.BYTES));
            } finally {
                RawMemory.free(credentials);
            }
        }
    }
}
