package org.radax.fuse.dispatch;

import java.util.function.BooleanSupplier;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.Signals;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.Caller;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.OpenFile;
import org.radax.fuse.wire.AttributeEncoder;
import org.radax.fuse.wire.AttributeLayouts.EntryOut;
import org.radax.fuse.wire.Reply;
import org.radax.fuse.wire.ReplyPort;
import org.radax.fuse.wire.Request;

/** One server thread's request, reply and scratch objects, reused from request to request. Not thread-safe. */
final class Exchange implements AutoCloseable {
    final Shared shared;
    final FileSystem fs;
    final ReplyPort port;
    final Request request;
    final Reply reply;
    final Attributes attributes = new Attributes();
    final BooleanSupplier callerIsBeingKilled = this::callerIsBeingKilled;
    private final Caller caller = new Caller();

    Exchange(Shared shared, ReplyPort port) {
        this.shared = shared;
        this.fs = shared.fileSystem;
        this.port = port;
        this.request = new Request(shared.policy.acls());
        this.reply = new Reply(port);
    }

    /** Who asks; the mode of this request carries no umask. */
    Caller caller() {
        return caller(0);
    }

    Caller caller(int umask) {
        return caller.set(request.uid(), request.gid(), request.pid(), umask);
    }

    private boolean callerIsBeingKilled() {
        return Signals.isBeingKilled(request.pid());
    }

    /** The open file the request names at {@code offset}, which must be of the inode {@code ino}. */
    OpenFile file(int offset, long ino) throws FsException {
        return check(shared.files.get(request.getLong(offset)), offset, ino);
    }

    OpenFile file(int offset) throws FsException {
        return file(offset, request.nodeId());
    }

    OpenFile directory(int offset) throws FsException {
        return check(shared.directories.get(request.getLong(offset)), offset, request.nodeId());
    }

    private OpenFile check(OpenFile file, int offset, long ino) throws FsException {
        if (file == null || file.ino() != ino) {
            throw new FsException(
                    Errno.EBADF, "handle", "no open file " + request.getLong(offset) + " of inode " + ino);
        }
        return file;
    }

    /** A file offset, which must not be negative. */
    long fileOffset(int offset) throws FsException {
        long value = request.getLong(offset);
        if (value < 0) {
            throw invalid("offset or length", value);
        }
        return value;
    }

    static FsException invalid(String what, long value) {
        return new FsException(Errno.EINVAL, "request", what + " " + value);
    }

    /** Answers with {@link #attributes} as an entry, whose reference falls back if the kernel does not take it. */
    void replyEntry() {
        AttributeEncoder.putEntry(reply.body(), attributes, shared.policy.validSeconds());
        if (!reply.send(EntryOut.SIZE)) {
            fs.forget(attributes.ino, 1);
        }
    }

    @Override
    public void close() {
        reply.close();
    }
}
