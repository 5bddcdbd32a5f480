package org.radax.fuse.jnr;

import java.io.IOException;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.Headers;
import org.radax.fuse.wire.InitFlags;
import org.radax.fuse.wire.InitLayouts.In;
import org.radax.fuse.wire.InitLayouts.Out;
import org.radax.fuse.wire.Opcode;

/**
 * What kernel and libfuse agreed on. libfuse 2's answer to INIT goes on to the kernel with one feature added that is
 * younger than it: shared mappings of files that are read and written past the page cache. Where
 * the kernel (before Linux 6.6) does not offer it, such mappings fail with ENODEV.
 *
 * @param minor the protocol is 7.{@code minor}
 * @param flags {@link InitFlags} in force
 */
record InitExchange(int minor, long flags) {
    /** struct iovec: address, length. */
    private static final int IOVEC_SIZE = 2 * Long.BYTES;

    private static final long ADDED = InitFlags.INIT_EXT | InitFlags.DIRECT_IO_ALLOW_MMAP;

    /** Serves INIT, which comes before all else. */
    static InitExchange run(LibFuse libFuse, long fuseSession, long channel) throws IOException {
        long capacity = libFuse.fuse_chan_bufsize(channel);
        int device = libFuse.fuse_chan_fd(channel);
        long buffer = RawMemory.allocate(capacity);
        try {
            long length = receive(device, buffer, capacity);
            long offered = offered(buffer, length);
            int size = answer(libFuse, fuseSession, device, buffer, length, capacity);
            int answered = Headers.Out.SIZE + Out.SIZE;
            RawMemory.fill(buffer + size, answered - size, (byte) 0);
            RawMemory.putInt(buffer + Headers.Out.LENGTH, answered);
            long body = buffer + Headers.Out.SIZE;
            long flags = Integer.toUnsignedLong(RawMemory.getInt(body + Out.FLAGS))
                    | ((offered & ADDED) == ADDED ? ADDED : 0);
            RawMemory.putInt(body + Out.FLAGS, (int) flags);
            RawMemory.putInt(body + Out.FLAGS2, (int) (flags >>> Integer.SIZE));
            int minor = RawMemory.getInt(body + Out.MINOR);
            if (LibC.INSTANCE.write(device, buffer, answered) != answered) {
                throw new IOException("the kernel refused the answer to INIT: " + LibC.lastError());
            }
            return new InitExchange(minor, flags);
        } finally {
            RawMemory.free(buffer);
        }
    }

    private static long receive(int device, long buffer, long capacity) throws IOException {
        long length;
        do {
            length = LibC.INSTANCE.read(device, buffer, capacity);
        } while (length < 0 && LibC.errno() == Errno.EINTR.number());
        if (length < Headers.In.SIZE + In.SHORT_SIZE || RawMemory.getInt(buffer + Headers.In.OPCODE) != Opcode.INIT) {
            throw new IOException("waiting for INIT: " + (length < 0 ? LibC.lastError() : "another request"));
        }
        return length;
    }

    private static long offered(long message, long length) {
        long body = message + Headers.In.SIZE;
        long flags = Integer.toUnsignedLong(RawMemory.getInt(body + In.FLAGS));
        boolean extended = (flags & InitFlags.INIT_EXT) != 0 && length >= Headers.In.SIZE + In.SIZE;
        return extended ? flags | (long) RawMemory.getInt(body + In.FLAGS2) << Integer.SIZE : flags;
    }

    /** Has libfuse answer; returns the answer's length, which takes the request's place in the buffer. */
    private static int answer(LibFuse libFuse, long fuseSession, int device, long buffer, long length, long capacity)
            throws IOException {
        long answer = RawMemory.allocate(capacity);
        int[] size = {0};
        ReplyChannel.Sender keep = (channel, iovecs, count) -> {
            for (long iovec = iovecs; iovec < iovecs + count * IOVEC_SIZE; iovec += IOVEC_SIZE) {
                int pieceLength = (int) RawMemory.getLong(iovec + Long.BYTES);
                RawMemory.copy(RawMemory.getLong(iovec), answer + size[0], pieceLength);
                size[0] += pieceLength;
            }
            return 0;
        };
        try (ReplyChannel channel = new ReplyChannel(libFuse, device, capacity, keep)) {
            channel.process(fuseSession, buffer, length);
            if (size[0] <= Headers.Out.SIZE || RawMemory.getInt(answer + Headers.Out.ERROR) != 0) {
                throw new IOException("libfuse does not agree with this kernel");
            }
            RawMemory.copy(answer, buffer, size[0]);
            return size[0];
        } finally {
            RawMemory.free(answer);
        }
    }
}
