package org.radax.fuse.jnr;

import java.util.Arrays;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.AttributeLayouts.Attr;
import org.radax.fuse.wire.AttributeLayouts.AttrOut;
import org.radax.fuse.wire.FileLayouts.InterruptIn;
import org.radax.fuse.wire.Headers;
import org.radax.fuse.wire.Opcode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads requests and gives them to libfuse, which calls the operations back on this same thread, until the mount is
 * gone. A thread of the JVM's own: libfuse's would be attached and detached at each call.
 */
final class ServerThread extends Thread {
    private static final Logger LOG = LoggerFactory.getLogger(ServerThread.class);
    private static final int PR_SET_IO_FLUSHER = 57;

    /** struct iovec: address, length. */
    private static final int IOVEC_SIZE = 2 * Long.BYTES;

    private final long fuseSession;
    private final int device;
    private final long capacity;
    private final ReplyChannel replies;
    private final ServerThreads all;
    private boolean ending;

    /** The request in hand. */
    private final long request;

    /** What an answer to GETATTR is to say. */
    private int linkCount;

    /** Takes all the memory it needs, which is given back when it ends. */
    ServerThread(ServerThreads all, ReplyChannel replies, long fuseSession, int device, long capacity) {
        super("radax-libfuse");
        this.all = all;
        this.fuseSession = fuseSession;
        this.replies = replies;
        this.device = device;
        this.capacity = capacity;
        this.request = RawMemory.allocate(capacity);
        setDaemon(true);
    }

    /** Instead of being started. */
    void discard() {
        RawMemory.free(request);
    }

    /**
     * Whether a rename that libfuse calls for is not what the kernel asked for, but libfuse's own: to hide an open file
     * whose name is to be unlinked, or given to another.
     *
     * @param newName the last name of the path it is renamed to
     */
    static boolean isHiding(String newName) {
        return HiddenFiles.couldBe(newName)
                && currentThread() instanceof ServerThread server
                && !server.renamesTo(newName);
    }

    /** Whether the kernel asks for an unlink. */
    static boolean isUnlinking() {
        return currentThread() instanceof ServerThread server && server.opcode() == Opcode.UNLINK;
    }

    /** The number of the request in hand. */
    static long unique() {
        return RawMemory.getLong(current().request + Headers.In.UNIQUE);
    }

    /**
     * Says how many names a file has that the kernel asks about. libfuse takes one off for the name it hid an open file
     * under, which the volume does not have ({@link HiddenFiles}); and the kernel does not link what has none.
     */
    static void answerLinks(int linkCount) {
        current().linkCount = linkCount;
    }

    /** What follows may take long: another thread, if there can be one, takes this one's place; it ends after the answer. */
    static void standIn() {
        ServerThread current = current();
        if (!current.ending) {
            current.ending = current.all.startStandIn();
        }
    }

    /** {@link ReplyChannel.Sender#send}. What libfuse sends, it sends on a thread that processes a request. */
    static int answer(long iovecs, long count) {
        return current().send(iovecs, count);
    }

    /**
     * Sends an answer to the kernel, put right where libfuse's is not. An inode that lost its name between the look-up
     * and the request has no path any more, and libfuse says ENOENT: with ESTALE the kernel looks the name up again,
     * where another may have taken it.
     */
    private int send(long iovecs, long count) {
        if (count == 0) {
            // So libfuse says that the request has no answer.
            return 0;
        }
        // Otherwise it is that to an INTERRUPT, which libfuse kept to see what the next request is.
        if (RawMemory.getLong(RawMemory.getLong(iovecs) + Headers.Out.UNIQUE) == unique()) {
            correct(iovecs);
        }
        if (LibC.INSTANCE.writev(device, iovecs, (int) count) >= 0) {
            return 0;
        }
        int errno = LibC.errno();
        // ENOENT: who asked has been killed meanwhile.
        if (errno != Errno.ENOENT.number() && errno != Errno.ENODEV.number()) {
            LOG.warn("an answer could not be sent: errno {}", errno);
        }
        return -errno;
    }

    /** The answer to the request in hand. */
    private void correct(long iovecs) {
        long error = RawMemory.getLong(iovecs) + Headers.Out.ERROR;
        if (opcode() == Opcode.GETATTR && RawMemory.getInt(error) == 0) {
            long body = RawMemory.getLong(iovecs + IOVEC_SIZE);
            RawMemory.putInt(body + AttrOut.ATTR + Attr.LINK_COUNT, linkCount);
        }
        if (RawMemory.getInt(error) == -Errno.ENOENT.number() && asksByInode(opcode())) {
            if (all.staleNames().found(caller(), RawMemory.getLong(request + Headers.In.NODE_ID))) {
                RawMemory.putInt(error, -Errno.ESTALE.number());
            }
        } else if (opcode() == Opcode.OPEN) {
            all.staleNames().opened(caller());
        }
    }

    private static boolean asksByInode(int opcode) {
        return switch (opcode) {
            case Opcode.GETATTR,
                    Opcode.SETATTR,
                    Opcode.READLINK,
                    Opcode.OPEN,
                    Opcode.OPENDIR,
                    Opcode.STATFS,
                    Opcode.GETXATTR,
                    Opcode.SETXATTR,
                    Opcode.LISTXATTR,
                    Opcode.REMOVEXATTR -> true;
            default -> false;
        };
    }

    private static ServerThread current() {
        return (ServerThread) currentThread();
    }

    private int caller() {
        return RawMemory.getInt(request + Headers.In.PID);
    }

    private int opcode() {
        return RawMemory.getInt(request + Headers.In.OPCODE);
    }

    private boolean renamesTo(String newName) {
        if (opcode() != Opcode.RENAME) {
            return false;
        }
        byte[] wanted = PathWalk.bytes(newName + '\0');
        byte[] asked = new byte[wanted.length];
        long end = request + RawMemory.getInt(request + Headers.In.LENGTH);
        RawMemory.copyOut(end - asked.length, asked, 0, asked.length);
        return Arrays.equals(wanted, asked);
    }

    @Override
    public void run() {
        boolean gone = true;
        try {
            // Who cleans dirty pages must not wait, in an allocation or in its log, until dirty pages are clean.
            if (LibC.INSTANCE.prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) != 0) {
                LOG.debug("may not be an I/O flusher: {}", LibC.lastError());
            }
            gone = serve();
        } finally {
            RawMemory.free(request);
            all.ended(gone);
        }
    }

    private void process(long length) {
        boolean removes = takesNameAway(opcode());
        if (removes) {
            all.staleNames().beginRemoval();
        }
        try {
            replies.process(fuseSession, request, length);
        } finally {
            if (removes) {
                all.staleNames().endRemoval();
            }
        }
    }

    private static boolean takesNameAway(int opcode) {
        return opcode == Opcode.UNLINK || opcode == Opcode.RMDIR || opcode == Opcode.RENAME;
    }

    /** Returns whether the mount is gone, not merely this thread's work done. */
    private boolean serve() {
        while (!ending && !all.ending()) {
            long length = LibC.INSTANCE.read(device, request, capacity);
            if (length >= 0) {
                all.counted();
                if (opcode() == Opcode.INTERRUPT) {
                    all.interrupted(RawMemory.getLong(request + Headers.In.SIZE + InterruptIn.UNIQUE));
                }
                process(length);
                continue;
            }
            int errno = LibC.errno();
            if (errno == Errno.ENODEV.number()) {
                return true;
            }
            if (errno != Errno.EINTR.number() && errno != Errno.ENOENT.number() && errno != Errno.EAGAIN.number()) {
                LOG.error("server thread ends: reading /dev/fuse: errno {}", errno);
                return true;
            }
        }
        return false;
    }
}
