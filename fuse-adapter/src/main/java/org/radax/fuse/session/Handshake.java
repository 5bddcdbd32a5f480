package org.radax.fuse.session;

import java.io.IOException;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.InitLayouts.In;
import org.radax.fuse.wire.InitLayouts.Out;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.Reply;
import org.radax.fuse.wire.Request;

/** Answers INIT, which comes before all else. */
final class Handshake {
    private final SessionOptions options;
    private final Request request = new Request();

    Handshake(SessionOptions options) {
        this.options = options;
    }

    /** Reads from the device until both sides agree. */
    Negotiation run(Device device) throws IOException {
        try (ReceiveBuffer buffer = new ReceiveBuffer(Negotiation.MAX_WRITE_BYTES);
                Reply reply = new Reply(device)) {
            Negotiation agreed = null;
            while (agreed == null) {
                long length = device.receive(buffer.address(), buffer.capacity());
                if (length >= 0) {
                    agreed = answer(buffer.address(), length, reply);
                } else if (LibC.errno() != Errno.EINTR.number()) {
                    throw new IOException("waiting for INIT: " + LibC.lastError());
                }
            }
            return agreed;
        }
    }

    /** Answers one message; returns what was agreed, or null if the kernel is to ask again. */
    Negotiation answer(long address, long length, Reply reply) throws IOException {
        if (!request.hasHeader(address, length)) {
            throw new IOException("a message of " + length + " bytes in place of INIT");
        }
        reply.open(request.unique());
        Errno malformed = request.decode(length);
        if (malformed != null || request.opcode() != Opcode.INIT) {
            reply.sendError(malformed == null ? Errno.EIO : malformed);
            throw new IOException("opcode " + request.opcode() + " in place of INIT, or malformed");
        }
        int major = request.getInt(In.MAJOR);
        int minor = request.getInt(In.MINOR);
        if (major > Negotiation.MAJOR) {
            // The kernel speaks more: it is told our major version and comes back with it.
            RawMemory.putInt(reply.clearedBody(Out.SIZE) + Out.MAJOR, Negotiation.MAJOR);
            RawMemory.putInt(reply.body() + Out.MINOR, Negotiation.NEWEST_MINOR);
            reply.send(Out.SIZE);
            return null;
        }
        if (major < Negotiation.MAJOR || minor < Negotiation.OLDEST_MINOR) {
            reply.sendError(Errno.EPROTO);
            throw new IOException("the kernel speaks FUSE " + major + "." + minor + ", needed is 7."
                    + Negotiation.OLDEST_MINOR + " (Linux 3.15) or newer");
        }
        Negotiation agreed = Negotiation.of(address + length - request.bodyLength(), request.bodyLength(), options);
        agreed.encode(reply.body());
        if (!reply.send(Out.SIZE)) {
            throw new IOException("the kernel refused the answer to INIT");
        }
        return agreed;
    }
}
