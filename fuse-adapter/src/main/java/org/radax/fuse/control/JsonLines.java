package org.radax.fuse.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lines of bounded length over a channel. Not thread-safe. */
final class JsonLines {
    /** A line was longer than allowed; the stream can not be read on. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLongException(int limitBytes) {
            super("line longer than " + limitBytes + " bytes");
        }
    }

    private final ReadableByteChannel in;
    private final int limitBytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(8 << 10).flip();
    private byte[] line = new byte[512];

    JsonLines(ReadableByteChannel in, int limitBytes) {
        this.in = in;
        this.limitBytes = limitBytes;
    }

    /** The next line without its end, or null at the end of the stream. A last line without end does not count. */
    String read() throws IOException {
        int length = 0;
        while (true) {
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    return new String(line, 0, length, StandardCharsets.UTF_8);
                }
                if (length == limitBytes) {
                    throw new TooLongException(limitBytes);
                }
                if (length == line.length) {
                    line = Arrays.copyOf(line, Math.min(limitBytes, line.length * 2));
                }
                line[length++] = b;
            }
            buffer.clear();
            int got = in.read(buffer);
            buffer.flip();
            if (got < 0) {
                return null;
            }
        }
    }

    static void write(WritableByteChannel out, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (out.write(bytes) < 0) {
                throw new IOException("closed");
            }
        }
    }
}
