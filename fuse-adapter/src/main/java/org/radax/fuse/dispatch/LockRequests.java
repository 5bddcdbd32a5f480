package org.radax.fuse.dispatch;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.fuse.locks.LockRange;
import org.radax.fuse.locks.LockTable;
import org.radax.fuse.locks.LockType;
import org.radax.fuse.wire.FileLayouts.FileLock;
import org.radax.fuse.wire.FileLayouts.InterruptIn;
import org.radax.fuse.wire.FileLayouts.LockIn;
import org.radax.fuse.wire.Reply;
import org.radax.fuse.wire.ReplyPort;

/** Advisory locks, and the interruption of those who wait for one: whatever else takes long goes on. */
final class LockRequests {
    private final Exchange x;

    LockRequests(Exchange exchange) {
        this.x = exchange;
    }

    void getlk() throws FsException {
        LockRange conflict = table().test(x.request.nodeId(), wanted());
        long at = x.reply.clearedBody(FileLock.SIZE);
        if (conflict == null) {
            RawMemory.putInt(at + FileLock.TYPE, LockType.UNLOCK);
        } else {
            RawMemory.putLong(at + FileLock.START, conflict.start());
            RawMemory.putLong(at + FileLock.END, conflict.end());
            RawMemory.putInt(at + FileLock.TYPE, conflict.type());
            RawMemory.putInt(at + FileLock.PID, conflict.pid());
        }
        x.reply.send(FileLock.SIZE);
    }

    void setlk() throws FsException {
        Errno error = table().set(x.request.nodeId(), wanted());
        if (error == null) {
            x.reply.sendEmpty();
        } else {
            x.reply.sendError(error);
        }
    }

    void setlkw() throws FsException {
        LockRange wanted = wanted();
        if (wanted.type() == LockType.UNLOCK) {
            setlk();
            return;
        }
        ReplyPort port = x.port;
        long unique = x.request.unique();
        x.reply.handOver();
        table().setAndWait(x.request.nodeId(), wanted, unique, errno -> Reply.sendLater(port, unique, errno));
    }

    void interrupt() {
        x.reply.withhold();
        long unique = x.request.getLong(InterruptIn.UNIQUE);
        x.shared.rangeLocks.interrupt(unique);
        x.shared.fileLocks.interrupt(unique);
    }

    private LockTable table() {
        return (x.request.getInt(LockIn.FLAGS) & LockIn.FLOCK) != 0 ? x.shared.fileLocks : x.shared.rangeLocks;
    }

    private LockRange wanted() throws FsException {
        x.file(LockIn.HANDLE);
        int type = x.request.getInt(LockIn.LOCK + FileLock.TYPE);
        long start = x.request.getLong(LockIn.LOCK + FileLock.START);
        long end = x.request.getLong(LockIn.LOCK + FileLock.END);
        if (type < LockType.READ || type > LockType.UNLOCK || start < 0 || end < start) {
            throw new FsException(Errno.EINVAL, "lock", "type " + type + ", range " + start + " to " + end);
        }
        return new LockRange(
                x.request.getLong(LockIn.OWNER),
                x.request.getLong(LockIn.HANDLE),
                x.request.getInt(LockIn.LOCK + FileLock.PID),
                type,
                start,
                end);
    }
}
