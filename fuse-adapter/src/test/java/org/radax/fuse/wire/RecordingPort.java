package org.radax.fuse.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.os.RawMemory;

/** Keeps what would have gone to the kernel. */
public final class RecordingPort implements ReplyPort {
    private final List<byte[]> messages = new ArrayList<>();
    private int errno;
    private Error accident;

    /** What sending is to return. */
    public void failWith(int error) {
        errno = error;
    }

    /** The next message is not sent: this is thrown. */
    public void throwOnce(Error error) {
        accident = error;
    }

    @Override
    public synchronized int send(long address, int lengthBytes) {
        if (accident != null) {
            Error thrown = accident;
            accident = null;
            throw thrown;
        }
        byte[] message = new byte[lengthBytes];
        RawMemory.copyOut(address, message, 0, lengthBytes);
        messages.add(message);
        return errno;
    }

    @Override
    public synchronized int sendGathered(long iovecsAddress, int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] piece = new byte[(int) RawMemory.getLong(iovecsAddress + 16L * i + 8)];
            RawMemory.copyOut(RawMemory.getLong(iovecsAddress + 16L * i), piece, 0, piece.length);
            all.writeBytes(piece);
        }
        messages.add(all.toByteArray());
        return errno;
    }

    public synchronized int count() {
        return messages.size();
    }

    public synchronized void clear() {
        messages.clear();
    }

    /** The only message sent since {@link #clear}. */
    public synchronized ByteBuffer only() {
        if (messages.size() != 1) {
            throw new AssertionError(messages.size() + " replies in place of one");
        }
        return last();
    }

    public synchronized ByteBuffer last() {
        return ByteBuffer.wrap(messages.get(messages.size() - 1)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The errno of the last reply, 0 for success; checks the header's length. */
    public int error() {
        ByteBuffer message = last();
        if (message.getInt(0) != message.capacity()) {
            throw new AssertionError("length " + message.getInt(0) + " of a message of " + message.capacity());
        }
        return -message.getInt(4);
    }
}
