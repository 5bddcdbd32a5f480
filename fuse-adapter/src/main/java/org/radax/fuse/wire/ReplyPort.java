package org.radax.fuse.wire;

/** Where replies go: the descriptor the request was read from. Usable from any thread. */
public interface ReplyPort {
    /** Sends one message; returns 0 or the errno of the failure. */
    int send(long address, int lengthBytes);

    /** Sends one message gathered from {@code count} struct iovec; returns 0 or the errno of the failure. */
    int sendGathered(long iovecsAddress, int count);
}
