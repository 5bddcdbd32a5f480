package org.radax.junit.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * An application's log of messages in a mapped file. Messages from byte 8192 on; where they end, one of two headers says,
 * each in a page of its own. An append stores and syncs the message, then the older header: with a number higher by one,
 * the new end, and a checksum, since a header may be torn.
 */
class MessageLog {
    /** MappedByteBuffer's force(int, int), or a test's. */
    interface Sync {
        void sync(int offset, int length);
    }

    private static final int PAGE = 4096;
    private static final int HEADER_BYTES = 3 * Long.BYTES;
    private static final int FIRST_MESSAGE = 2 * PAGE;

    private final ByteBuffer bytes;
    private final Sync sync;

    MessageLog(ByteBuffer bytes, Sync sync) {
        this.bytes = bytes;
        this.sync = sync;
    }

    /** Durable when it returns. */
    void append(String message) {
        Header now = header();
        int end = storeMessage(now, message);
        syncMessage(now, end);
        Header next = now.next(end);
        storeHeader(next);
        syncHeader(next);
    }

    List<String> messages() {
        List<String> messages = new ArrayList<>();
        int end = header().end;
        for (int at = FIRST_MESSAGE; at < end; ) {
            byte[] text = new byte[bytes.getInt(at)];
            bytes.get(at + Integer.BYTES, text);
            messages.add(new String(text, StandardCharsets.UTF_8));
            at += Integer.BYTES + text.length;
        }
        return messages;
    }

    record Header(long number, int end) {
        Header next(int newEnd) {
            return new Header(number + 1, newEnd);
        }

        int offset() {
            return number % 2 == 0 ? 0 : PAGE;
        }

        long checksum() {
            CRC32 crc = new CRC32();
            crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(number)
                    .putLong(end)
                    .flip());
            return crc.getValue();
        }
    }

    /** The newest that is whole; an empty log's if there is none. */
    Header header() {
        Header newest = new Header(0, FIRST_MESSAGE);
        for (int at : new int[] {0, PAGE}) {
            Header found = new Header(bytes.getLong(at), (int) bytes.getLong(at + 8));
            if (found.number > newest.number && isWhole(found, bytes.getLong(at + 16))) {
                newest = found;
            }
        }
        return newest;
    }

    boolean isWhole(Header found, long checksum) {
        return found.checksum() == checksum;
    }

    int storeMessage(Header now, String message) {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        bytes.putInt(now.end, text.length);
        bytes.put(now.end + Integer.BYTES, text);
        return now.end + Integer.BYTES + text.length;
    }

    void syncMessage(Header now, int end) {
        sync.sync(now.end, end - now.end);
    }

    void storeHeader(Header next) {
        bytes.putLong(next.offset(), next.number);
        bytes.putLong(next.offset() + 8, next.end);
        bytes.putLong(next.offset() + 16, next.checksum());
    }

    void syncHeader(Header next) {
        sync.sync(next.offset(), HEADER_BYTES);
    }

    void syncAll() {
        sync.sync(0, bytes.capacity());
    }
}
