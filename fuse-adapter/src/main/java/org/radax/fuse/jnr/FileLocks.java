package org.radax.fuse.jnr;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.fuse.locks.LockRange;
import org.radax.fuse.locks.LockTable;
import org.radax.fuse.locks.LockType;
import ru.serce.jnrfuse.struct.Flock;

/** Advisory locks by inode: the kernel by itself would keep them by name. Answers 0 or a negative errno. */
final class FileLocks {
    private static final int F_GETLK = 5;
    private static final int F_SETLK = 6;
    private static final int F_SETLKW = 7;
    private static final int LOCK_SHARED = 1;
    private static final int LOCK_EXCLUSIVE = 2;
    private static final int LOCK_NONBLOCKING = 4;
    private static final int LOCK_UNLOCK = 8;

    private final LockTable ranges = new LockTable(LockTable.Kind.RANGES);
    private final LockTable wholeFiles = new LockTable(LockTable.Kind.WHOLE_FILES);
    /** By the number of the request that waits. */
    private final Map<Long, CompletableFuture<Integer>> waits = new ConcurrentHashMap<>();

    /** fcntl's locks, as struct flock has them. */
    int control(long ino, long owner, long handle, int command, Flock lock) throws FsException {
        long start = lock.l_start.get();
        long length = lock.l_len.get();
        LockRange wanted = new LockRange(
                owner,
                handle,
                lock.l_pid.intValue(),
                lock.l_type.get(),
                start,
                length == 0 ? Long.MAX_VALUE : start + length - 1);
        switch (command) {
            case F_GETLK -> {
                tell(ranges.test(ino, wanted), lock);
                return 0;
            }
            case F_SETLK -> {
                return number(ranges.set(ino, wanted));
            }
            case F_SETLKW -> {
                return await(ranges, ino, wanted);
            }
            default -> throw new FsException(Errno.EINVAL, "lock", "command " + command);
        }
    }

    /** Null: nothing is in the way. */
    private static void tell(LockRange conflict, Flock lock) {
        if (conflict == null) {
            lock.l_type.set((short) LockType.UNLOCK);
            return;
        }
        lock.l_type.set((short) conflict.type());
        lock.l_whence.set((short) 0);
        lock.l_start.set(conflict.start());
        lock.l_len.set(conflict.end() == Long.MAX_VALUE ? 0 : conflict.end() - conflict.start() + 1);
        lock.l_pid.set(conflict.pid());
    }

    /** flock(2). */
    int whole(long ino, long owner, long handle, int operation) throws FsException {
        int type = switch (operation & ~LOCK_NONBLOCKING) {
            case LOCK_SHARED -> LockType.READ;
            case LOCK_EXCLUSIVE -> LockType.WRITE;
            case LOCK_UNLOCK -> LockType.UNLOCK;
            default -> throw new FsException(Errno.EINVAL, "flock", "operation " + operation);
        };
        LockRange wanted = new LockRange(owner, handle, 0, type, 0, Long.MAX_VALUE);
        return (operation & LOCK_NONBLOCKING) != 0
                ? number(wholeFiles.set(ino, wanted))
                : await(wholeFiles, ino, wanted);
    }

    private static int number(Errno errno) {
        return errno == null ? 0 : -errno.number();
    }

    private int await(LockTable table, long ino, LockRange wanted) {
        if (wanted.type() == LockType.UNLOCK) {
            return number(table.set(ino, wanted));
        }
        CompletableFuture<Integer> outcome = new CompletableFuture<>();
        long unique = ServerThread.unique();
        waits.put(unique, outcome);
        try {
            table.setAndWait(ino, wanted, unique, errno -> outcome.complete(number(errno)));
            if (!outcome.isDone()) {
                ServerThread.standIn();
            }
            return outcome.join();
        } finally {
            waits.remove(unique);
        }
    }

    /** Ends the wait of a request. */
    void interrupt(long unique) {
        ranges.interrupt(unique);
        wholeFiles.interrupt(unique);
    }

    /** The last close of an open file; {@code unlocks}: its flock falls. */
    void released(long ino, long owner, long handle, boolean unlocks) {
        if (unlocks) {
            wholeFiles.releaseOwner(ino, owner);
        }
        ranges.releaseHandle(ino, handle);
    }

    /** Nobody will unlock any more: the mount is gone. Not EINTR: for the kernel that is to try again after a signal. */
    void endWaits() {
        waits.values().forEach(outcome -> outcome.complete(-Errno.ENOTCONN.number()));
    }
}
