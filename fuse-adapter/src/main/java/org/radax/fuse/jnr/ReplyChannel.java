package org.radax.fuse.jnr;

import jnr.ffi.Runtime;
import jnr.ffi.annotations.Delegate;
import org.radax.core.os.RawMemory;

/** A channel of libfuse whose answers come here, on a thread that has a request processed. */
final class ReplyChannel implements AutoCloseable {
    /** struct fuse_chan_ops: receive, send, destroy. */
    private static final int SEND = Long.BYTES;

    private static final int OPERATIONS_SIZE = 3 * Long.BYTES;

    /** Takes an answer; returns 0 or a negative errno. Public because jnr-ffi implements it from another loader. */
    @FunctionalInterface
    public interface Sender {
        /** {@code iovecs}: the answer in pieces, the first of which is its header. */
        @Delegate
        int send(long channel, long iovecs, long count);
    }

    private final LibFuse libFuse;
    private final long channel;

    /** Held here for as long as libfuse may call it. */
    private final Sender sender;

    ReplyChannel(LibFuse libFuse, int device, long bufferBytes, Sender sender) {
        this.libFuse = libFuse;
        this.sender = sender;
        long operations = RawMemory.allocate(OPERATIONS_SIZE);
        try {
            RawMemory.fill(operations, OPERATIONS_SIZE, (byte) 0);
            RawMemory.putLong(
                    operations + SEND,
                    Runtime.getSystemRuntime()
                            .getClosureManager()
                            .getClosurePointer(Sender.class, this.sender)
                            .address());
            channel = libFuse.fuse_chan_new(operations, device, bufferBytes, 0);
        } finally {
            RawMemory.free(operations);
        }
    }

    /** Has libfuse serve one request, which has been read from the device already. */
    void process(long fuseSession, long request, long lengthBytes) {
        libFuse.fuse_session_process(fuseSession, request, lengthBytes, channel);
    }

    @Override
    public void close() {
        libFuse.fuse_chan_destroy(channel);
    }
}
