package org.radax.fuse.session;

import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.dispatch.Dispatcher;
import org.radax.fuse.dispatch.Shared;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads requests and has them served, until the mount is gone, or another has taken its place. */
final class ServerThread extends Thread {
    private static final Logger LOG = LoggerFactory.getLogger(ServerThread.class);

    /** What read(2) says after an abort when ABORT_ERROR was negotiated. */
    private static final int ECONNABORTED = 103;

    /** struct pollfd: int fd, short events, short revents. */
    private static final int POLL_EVENTS = Integer.BYTES;

    private static final short POLLIN = 1;
    private static final int POLL_SIZE = 8;
    private static final int PR_SET_IO_FLUSHER = 57;

    private final ServerThreads all;
    private final Device device;
    private final long spinNanos;
    private final Dispatcher dispatcher;
    private final ReceiveBuffer buffer;
    private boolean isReplaced;

    /** Takes all the memory it needs, which is given back when it ends. */
    ServerThread(String name, ServerThreads all, Device device, Shared shared, long spinNanos) {
        super(name);
        this.all = all;
        this.device = device;
        this.spinNanos = spinNanos;
        setDaemon(true);
        dispatcher = new Dispatcher(shared, device);
        boolean done = false;
        try {
            buffer = new ReceiveBuffer(Negotiation.MAX_WRITE_BYTES);
            done = true;
        } finally {
            if (!done) {
                dispatcher.close();
            }
        }
    }

    /** Instead of being started. */
    void discard() {
        buffer.close();
        dispatcher.close();
    }

    Device device() {
        return device;
    }

    /** It ends after the request it serves: called in the middle of that. */
    void replaced() {
        isReplaced = true;
    }

    @Override
    public void run() {
        try (buffer;
                dispatcher) {
            if (spinNanos > 0) {
                device.setNonBlocking();
            }
            // Who cleans dirty pages must not wait, in an allocation or in its log, until dirty pages are clean.
            if (LibC.INSTANCE.prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) != 0) {
                LOG.debug("may not be an I/O flusher: {}", LibC.lastError());
            }
            long poll = RawMemory.allocate(POLL_SIZE);
            try {
                RawMemory.putLong(poll, device.fd());
                RawMemory.putShort(poll + POLL_EVENTS, POLLIN);
                serve(poll);
            } finally {
                RawMemory.free(poll);
            }
        } finally {
            all.ended();
        }
    }

    private void serve(long poll) {
        long idleSince = 0;
        while (!isReplaced && !all.ending()) {
            long length = device.receive(buffer.address(), buffer.capacity());
            if (length >= 0) {
                all.counted();
                dispatcher.dispatch(buffer.address(), length);
                idleSince = 0;
                continue;
            }
            int errno = LibC.errno();
            if (errno == Errno.EAGAIN.number()) {
                idleSince = waitForRequest(idleSince, poll);
            } else if (isEnd(errno)) {
                return;
            } else if (errno != Errno.EINTR.number() && errno != Errno.ENOENT.number()) {
                LOG.error("server thread ends: reading /dev/fuse: errno {}", errno);
                return;
            }
        }
    }

    /** Polls for a while, then sleeps: waking up costs more than the request. Returns since when it idles. */
    private long waitForRequest(long idleSince, long poll) {
        long now = System.nanoTime();
        if (idleSince == 0) {
            return now;
        }
        if (now - idleSince < spinNanos) {
            Thread.onSpinWait();
            return idleSince;
        }
        LibC.INSTANCE.poll(poll, 1, -1);
        return 0;
    }

    private static boolean isEnd(int errno) {
        return errno == Errno.ENODEV.number() || errno == ECONNABORTED;
    }
}
