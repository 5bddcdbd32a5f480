package org.radax.fuse.jnr;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.Headers;
import org.radax.fuse.wire.Opcode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads requests and gives them to libfuse, which calls the operations back on this same thread, until the mount is
 * gone. A thread of the JVM's own: libfuse's would be attached and detached at each call.
 */
final class ServerThread extends Thread {
    private static final Logger LOG = LoggerFactory.getLogger(ServerThread.class);
    private static final int PR_SET_IO_FLUSHER = 57;

    private final LibFuse libFuse;
    private final long fuseSession;
    private final long channel;
    private final AtomicLong requests = new AtomicLong();
    private volatile boolean ending;

    /** The request in hand. */
    private long request;

    ServerThread(String name, LibFuse libFuse, long fuseSession, long channel) {
        super(name);
        this.libFuse = libFuse;
        this.fuseSession = fuseSession;
        this.channel = channel;
        setDaemon(true);
    }

    /** How many requests it has read. */
    long requests() {
        return requests.get();
    }

    /** Ends after the request it serves, or the next one it gets. */
    void end() {
        ending = true;
    }

    /**
     * Whether a rename that libfuse calls for is not what the kernel asked for, but libfuse's own: to hide an open file
     * whose name is to be unlinked, or given to another.
     *
     * @param newName the last name of the path it is renamed to
     */
    static boolean isHiding(String newName) {
        return HiddenFiles.couldBe(newName)
                && currentThread() instanceof ServerThread server
                && !server.renamesTo(newName);
    }

    /** Whether the kernel asks for an unlink. */
    static boolean isUnlinking() {
        return currentThread() instanceof ServerThread server && server.opcode() == Opcode.UNLINK;
    }

    private int opcode() {
        return RawMemory.getInt(request + Headers.In.OPCODE);
    }

    private boolean renamesTo(String newName) {
        if (opcode() != Opcode.RENAME) {
            return false;
        }
        byte[] wanted = (newName + '\0').getBytes(StandardCharsets.UTF_8);
        byte[] asked = new byte[wanted.length];
        long end = request + RawMemory.getInt(request + Headers.In.LENGTH);
        RawMemory.copyOut(end - asked.length, asked, 0, asked.length);
        return Arrays.equals(wanted, asked);
    }

    @Override
    public void run() {
        // Who cleans dirty pages must not wait, in an allocation or in its log, until dirty pages are clean.
        if (LibC.INSTANCE.prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) != 0) {
            LOG.debug("may not be an I/O flusher: {}", LibC.lastError());
        }
        long capacity = libFuse.fuse_chan_bufsize(channel);
        request = RawMemory.allocate(capacity);
        try {
            serve(libFuse.fuse_chan_fd(channel), capacity);
        } finally {
            RawMemory.free(request);
        }
    }

    private void serve(int device, long capacity) {
        while (!ending) {
            long length = LibC.INSTANCE.read(device, request, capacity);
            if (length >= 0) {
                requests.lazySet(requests.get() + 1);
                libFuse.fuse_session_process(fuseSession, request, length, channel);
                continue;
            }
            int errno = LibC.errno();
            if (errno == Errno.ENODEV.number()) {
                return;
            }
            if (errno != Errno.EINTR.number() && errno != Errno.ENOENT.number() && errno != Errno.EAGAIN.number()) {
                LOG.error("server thread ends: reading /dev/fuse: errno {}", errno);
                return;
            }
        }
    }
}
