package org.radax.fuse.dispatch;

import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.Scarcity;
import org.radax.fuse.wire.NameLayouts.RenameIn;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.ReplyPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests, one at a time: one per server thread. Whatever goes wrong inside becomes an errno; nothing ends the
 * thread, and each request gets its one reply.
 */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Exchange x;
    private final Latencies latencies;
    private final InodeRequests inodes;
    private final NameRequests names;
    private final FileRequests files;
    private final DirectoryRequests directories;
    private final XattrRequests xattrs;
    private final IoctlRequests ioctls;
    private final LockRequests locks;

    public Dispatcher(Shared shared, ReplyPort port) {
        x = new Exchange(shared, port);
        latencies = shared.latencies;
        inodes = new InodeRequests(x);
        names = new NameRequests(x);
        files = new FileRequests(x);
        directories = new DirectoryRequests(x);
        xattrs = new XattrRequests(x);
        ioctls = new IoctlRequests(x);
        locks = new LockRequests(x);
    }

    /** Serves the message at {@code address}, which stays untouched until this returns. */
    public void dispatch(long address, long lengthBytes) {
        if (!x.request.hasHeader(address, lengthBytes)) {
            LOG.warn("dropped a message of {} bytes that can not be answered", lengthBytes);
            return;
        }
        long start = System.nanoTime();
        x.reply.open(x.request.unique());
        try {
            answer(lengthBytes);
        } catch (Throwable t) {
            // Also Errors: InternalError is a bad pool page, and may come late, even after an answer. No request may
            // take
            // the mount down with it.
            abandon(t);
        }
        if (x.reply.isOpen()) {
            LOG.error("request {} was left without an answer", x.request.opcode());
            fail(Errno.EIO);
        }
        latencies.record(x.request.opcode(), System.nanoTime() - start);
    }

    private void answer(long lengthBytes) {
        try {
            Errno malformed = x.request.decode(lengthBytes);
            if (malformed == null) {
                admit();
            } else {
                fail(malformed);
            }
        } catch (FsException e) {
            if (e instanceof CorruptPoolException) {
                LOG.error("request {} of inode {}: {}", x.request.opcode(), x.request.nodeId(), e.getMessage());
            }
            fail(e.errno());
        }
    }

    private void abandon(Throwable t) {
        // Answered first: with memory short, logging may fail too.
        if (x.reply.isOpen()) {
            fail(Errno.ofAccident(t));
        }
        Scarcity.survive(
                LOG,
                "the log",
                () -> LOG.error("request {} of inode {} failed", x.request.opcode(), x.request.nodeId(), t));
    }

    private void fail(Errno errno) {
        if (!x.reply.isOpen()) {
            LOG.warn("request {} of inode {}: {} after it was answered", x.request.opcode(), x.request.nodeId(), errno);
        } else if (Opcode.hasNoReply(x.request.opcode())) {
            LOG.warn("dropped a malformed request {}: {}", x.request.opcode(), errno);
            x.reply.withhold();
        } else {
            x.reply.sendError(errno);
        }
    }

    /** What changes something waits while the volume is frozen. */
    private void admit() throws FsException {
        if (!changes()) {
            handle();
            return;
        }
        x.shared.changes.begin(x.callerIsBeingKilled);
        try {
            handle();
        } finally {
            x.shared.changes.end();
        }
    }

    private boolean changes() {
        return switch (x.request.opcode()) {
            case Opcode.OPEN -> files.opensToTruncate();
            case Opcode.IOCTL -> ioctls.isChange();
            default -> Opcode.isChange(x.request.opcode());
        };
    }

    private void handle() throws FsException {
        if (x.fs.isShutDown() && !Opcode.isServedAfterShutdown(x.request.opcode())) {
            throw new FsException(Errno.EIO, "request", "shut down");
        }
        switch (x.request.opcode()) {
            case Opcode.LOOKUP -> inodes.lookup();
            case Opcode.FORGET -> inodes.forget();
            case Opcode.BATCH_FORGET -> inodes.batchForget();
            case Opcode.GETATTR -> inodes.getattr();
            case Opcode.SETATTR -> inodes.setattr();
            case Opcode.STATX -> inodes.statx();
            case Opcode.READLINK -> inodes.readlink();
            case Opcode.STATFS -> inodes.statfs();
            case Opcode.ACCESS -> inodes.access();
            case Opcode.SYMLINK -> names.symlink();
            case Opcode.MKNOD -> names.mknod();
            case Opcode.MKDIR -> names.mkdir();
            case Opcode.UNLINK -> names.unlink();
            case Opcode.RMDIR -> names.rmdir();
            case Opcode.RENAME -> names.rename(0);
            case Opcode.RENAME2 -> names.rename(x.request.getInt(RenameIn.FLAGS2));
            case Opcode.LINK -> names.link();
            case Opcode.OPEN -> files.open();
            case Opcode.CREATE -> files.create();
            case Opcode.TMPFILE -> files.tmpfile();
            case Opcode.READ -> files.read();
            case Opcode.WRITE -> files.write();
            case Opcode.FLUSH -> files.flush();
            case Opcode.RELEASE -> files.release();
            case Opcode.FSYNC -> files.fsync();
            case Opcode.FSYNCDIR -> files.fsyncdir();
            case Opcode.FALLOCATE -> files.fallocate();
            case Opcode.LSEEK -> files.lseek();
            case Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 -> files.copyFileRange();
            case Opcode.SYNCFS -> files.syncfs();
            case Opcode.OPENDIR -> directories.opendir();
            case Opcode.READDIR -> directories.readdir(false);
            case Opcode.READDIRPLUS -> directories.readdir(true);
            case Opcode.RELEASEDIR -> directories.releasedir();
            case Opcode.GETXATTR -> xattrs.getxattr();
            case Opcode.LISTXATTR -> xattrs.listxattr();
            case Opcode.SETXATTR -> xattrs.setxattr();
            case Opcode.REMOVEXATTR -> xattrs.removexattr();
            case Opcode.IOCTL -> ioctls.ioctl();
            case Opcode.GETLK -> locks.getlk();
            case Opcode.SETLK -> locks.setlk();
            case Opcode.SETLKW -> locks.setlkw();
            case Opcode.INTERRUPT -> locks.interrupt();
            case Opcode.DESTROY -> x.reply.sendEmpty();
            case Opcode.INIT -> throw new FsException(Errno.EPROTO, "INIT", "the session is under way");
            default -> throw new FsException(Errno.ENOSYS, "request", "opcode " + x.request.opcode());
        }
    }

    @Override
    public void close() {
        x.close();
    }
}
