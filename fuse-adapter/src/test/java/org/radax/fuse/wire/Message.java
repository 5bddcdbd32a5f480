package org.radax.fuse.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;

/**
 * Puts a request together, byte for byte, and lays it down where the next byte behind it can not be read: whoever reads
 * past the end of a message ends the test run.
 */
public final class Message {
    private static final int PAGE = 4096;
    private static final int AREA = 64 * PAGE;
    private static final long GUARD = guard();

    private final ByteBuffer bytes = ByteBuffer.allocate(AREA).order(ByteOrder.LITTLE_ENDIAN);

    /** The header; length and, as wanted, unique are filled in by {@link #lay}. */
    public Message(int opcode, long nodeId) {
        u32(0).u32(opcode).u64(0).u64(nodeId).u32(1000).u32(1001).u32(77).u32(0);
    }

    private static long guard() {
        long area = LibC.INSTANCE.mmap(
                0, AREA + PAGE, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        long guard =
                LibC.INSTANCE.mmap(area + AREA, PAGE, 0, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED, -1, 0);
        if (guard != area + AREA) {
            throw new IllegalStateException("no guard page: " + LibC.lastError());
        }
        return guard;
    }

    /** From this user instead of 1000. */
    public Message from(int uid) {
        bytes.putInt(Headers.In.UID, uid);
        return this;
    }

    public Message u32(int value) {
        bytes.putInt(value);
        return this;
    }

    public Message u64(long value) {
        bytes.putLong(value);
        return this;
    }

    /** A name and its NUL. */
    public Message name(String text) {
        return raw((text + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    public Message raw(byte... more) {
        bytes.put(more);
        return this;
    }

    public byte[] toBytes() {
        byte[] copy = Arrays.copyOf(bytes.array(), bytes.position());
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(0, copy.length);
        return copy;
    }

    /** Lays it before the guard page; returns its address. */
    public static long lay(byte[] message, long unique) {
        long address = GUARD - message.length;
        RawMemory.copyIn(message, 0, address, message.length);
        if (message.length >= Headers.In.SIZE) {
            RawMemory.putLong(address + Headers.In.UNIQUE, unique);
        }
        return address;
    }
}
