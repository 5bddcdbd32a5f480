package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.radax.core.os.RawMemory;

/**
 * A file or attribute name: any bytes but NUL and '/', reused from request to request so that look-ups allocate
 * nothing. Not thread-safe: one per server thread.
 */
public final class Name {
    public static final int MAX_BYTES = 255;

    private final byte[] bytes = new byte[MAX_BYTES + 1];
    private int length;

    public static Name of(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return new Name().set(utf8, 0, utf8.length);
    }

    /** Takes a copy. A name of more than 255 bytes is kept as "too long" (see {@link #tooLong}). */
    public Name set(byte[] source, int start, int lengthBytes) {
        System.arraycopy(source, start, bytes, 0, Math.min(lengthBytes, bytes.length));
        length = lengthBytes;
        return this;
    }

    /** Takes a copy from memory. */
    public Name set(long address, int lengthBytes) {
        RawMemory.copyOut(address, bytes, 0, Math.min(lengthBytes, bytes.length));
        length = lengthBytes;
        return this;
    }

    /** The bytes; valid up to {@link #length}. Not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public boolean tooLong() {
        return length > MAX_BYTES;
    }

    public boolean startsWith(byte[] prefix) {
        return length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    public boolean isDot() {
        return length == 1 && bytes[0] == '.';
    }

    public boolean isDotDot() {
        return length == 2 && bytes[0] == '.' && bytes[1] == '.';
    }

    @Override
    public String toString() {
        return new String(bytes, 0, Math.min(length, MAX_BYTES), StandardCharsets.UTF_8);
    }
}
