package org.radax.fuse.wire;

import org.radax.core.error.Errno;
import org.radax.core.os.RawMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one reply to one request. Opened for a request, then used exactly once: sent, or given away to be sent later.
 * A second use is a bug and throws. Reused from request to request; not thread-safe.
 */
public final class Reply implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

    /** Room for a reply's body: directory listings and attribute values; file data does not pass through here. */
    public static final int BODY_CAPACITY = 128 * 1024;

    /** Linux's IOV_MAX, the header's iovec included. */
    private static final int MAX_IOVECS = 1024;

    private static final int IOVEC_SIZE = 2 * Long.BYTES;

    private final long buffer = RawMemory.allocate(Headers.Out.SIZE + BODY_CAPACITY);
    private final long iovecs = RawMemory.allocate((long) MAX_IOVECS * IOVEC_SIZE);
    private final ReplyPort port;
    private boolean open;
    private int iovecCount;
    private long gatheredBytes;

    public Reply(ReplyPort port) {
        this.port = port;
    }

    /** Makes ready to answer the request of this number. */
    public void open(long unique) {
        if (open) {
            throw new IllegalStateException("the request before was not answered");
        }
        RawMemory.putLong(buffer + Headers.Out.UNIQUE, unique);
        iovecCount = 0;
        gatheredBytes = 0;
        open = true;
    }

    /** Whether the request still waits for its answer. */
    public boolean isOpen() {
        return open;
    }

    /** Where the body goes, {@link #BODY_CAPACITY} bytes. Not cleared between requests. */
    public long body() {
        return buffer + Headers.Out.SIZE;
    }

    /** A body of zeros to fill in. */
    public long clearedBody(int lengthBytes) {
        RawMemory.fill(body(), lengthBytes, (byte) 0);
        return body();
    }

    /**
     * Sends success with the first {@code bodyBytes} of the body.
     *
     * @return false if the kernel did not take it: what the reply handed over (handle, reference) is to be taken back
     */
    public boolean send(int bodyBytes) {
        return sendBuffer(bodyBytes, 0);
    }

    public boolean sendEmpty() {
        return sendBuffer(0, 0);
    }

    public void sendError(Errno errno) {
        sendBuffer(0, -errno.number());
    }

    private boolean sendBuffer(int bodyBytes, int error) {
        requireOpen();
        int length = Headers.Out.SIZE + bodyBytes;
        putHeader(length, error);
        int errno = port.send(buffer, length);
        open = false;
        return delivered(errno);
    }

    /** Adds memory to a reply that {@link #sendGathered} sends. Adjacent pieces become one. */
    public void gather(long address, long lengthBytes) {
        if (lengthBytes == 0) {
            return;
        }
        long last = iovecs + (long) iovecCount * IOVEC_SIZE;
        gatheredBytes += lengthBytes;
        if (iovecCount > 0 && RawMemory.getLong(last) + RawMemory.getLong(last + Long.BYTES) == address) {
            RawMemory.putLong(last + Long.BYTES, RawMemory.getLong(last + Long.BYTES) + lengthBytes);
            return;
        }
        iovecCount++;
        if (iovecCount == MAX_IOVECS) {
            throw new IllegalStateException("a read in more than " + (MAX_IOVECS - 1) + " pieces");
        }
        RawMemory.putLong(last + IOVEC_SIZE, address);
        RawMemory.putLong(last + IOVEC_SIZE + Long.BYTES, lengthBytes);
    }

    /** Sends the header and what was gathered, straight from where it lies. */
    public void sendGathered() {
        requireOpen();
        putHeader((int) (Headers.Out.SIZE + gatheredBytes), 0);
        RawMemory.putLong(iovecs, buffer);
        RawMemory.putLong(iovecs + Long.BYTES, Headers.Out.SIZE);
        int errno = port.sendGathered(iovecs, iovecCount + 1);
        open = false;
        if (!delivered(errno) && errno != Errno.ENOENT.number()) {
            // A bad pool page stops writev half-way (EFAULT). Should the kernel not have ended the request by
            // itself, the reader must not hang; if it has, this answer goes nowhere.
            putHeader(Headers.Out.SIZE, -Errno.EIO.number());
            port.send(buffer, Headers.Out.SIZE);
        }
    }

    public long gatheredBytes() {
        return gatheredBytes;
    }

    /** Gives the answer away: someone else sends it with {@link #sendLater}. */
    public void handOver() {
        use();
    }

    /** For requests that get none. */
    public void withhold() {
        use();
    }

    /** Answers a request whose reply was {@linkplain #handOver handed over}; from any thread. */
    public static void sendLater(ReplyPort port, long unique, Errno errnoOrNull) {
        sendLater(port, unique, errnoOrNull, 0);
    }

    /** As {@link #sendLater(ReplyPort, long, Errno)}: success, with a body of zeros. */
    public static void sendZerosLater(ReplyPort port, long unique, int bodyBytes) {
        sendLater(port, unique, null, bodyBytes);
    }

    private static void sendLater(ReplyPort port, long unique, Errno errnoOrNull, int bodyBytes) {
        int length = Headers.Out.SIZE + bodyBytes;
        long message = RawMemory.allocate(length);
        try {
            RawMemory.fill(message, length, (byte) 0);
            RawMemory.putInt(message + Headers.Out.LENGTH, length);
            RawMemory.putInt(message + Headers.Out.ERROR, errnoOrNull == null ? 0 : -errnoOrNull.number());
            RawMemory.putLong(message + Headers.Out.UNIQUE, unique);
            delivered(port.send(message, length));
        } finally {
            RawMemory.free(message);
        }
    }

    private void putHeader(int length, int error) {
        RawMemory.putInt(buffer + Headers.Out.LENGTH, length);
        RawMemory.putInt(buffer + Headers.Out.ERROR, error);
    }

    private void use() {
        requireOpen();
        open = false;
    }

    /** It is used up once the kernel has it: an error before that leaves it to be answered. */
    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("a reply is used exactly once");
        }
    }

    private static boolean delivered(int errno) {
        // ENOENT: the request was interrupted or the mount is going away; nobody waits any more.
        if (errno != 0 && errno != Errno.ENOENT.number() && errno != Errno.ENODEV.number()) {
            LOG.warn("the kernel refused a reply: errno {}", errno);
        }
        return errno == 0;
    }

    @Override
    public void close() {
        RawMemory.free(buffer);
        RawMemory.free(iovecs);
    }
}
