package org.radax.dax;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.radax.core.error.Errno;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.lease.LeaseProtocol.Order;
import org.radax.core.lease.LeaseProtocol.Passed;
import org.radax.core.lease.LeaseProtocol.Reply;
import org.radax.core.lease.LeaseProtocol.Request;
import org.radax.core.os.Descriptors;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;
import org.radax.core.os.UserFaults;
import org.radax.dax.DaxException.Reason;

/**
 * This process and the server of one mount: the arena of addresses, the thread that maps, the socket for requests. One
 * for all files of the mount; it ends with the server. Its addresses are not given back: who still has one gets SIGBUS,
 * and not another's memory. Thread-safe.
 */
final class Attachment {
    /** Of addresses, which cost nothing; less where a limit says so. */
    private static final long ARENA_BYTES = 1L << 42;

    private static final long LEAST_ARENA_BYTES = 1L << 32;
    private static final String PAGEMAP = "/proc/self/pagemap";
    private static final int STAT_SIZE = 256;
    private static final int FLOCK_SIZE = 32;

    @GuardedBy("Attachment.class")
    private static final Map<Path, Attachment> ALL = new HashMap<>();

    /** An empty file, of which every page is SIGBUS; one for all, for ever. -1 before there is one. */
    @GuardedBy("Attachment.class")
    private static int emptyFile = -1;

    private final Path key;
    private final int socket;
    private final MapThread mapThread;
    private final int mapSocket;
    private final int memfd;
    private final int grave;
    private final long arena;
    private final long arenaBytes;
    private final Addresses addresses;
    private final long message = RawMemory.allocateForEver(Request.SIZE + Reply.SIZE, 8);

    @GuardedBy("this")
    private int sequence;

    @GuardedBy("this")
    private boolean isGone;

    @GuardedBy("this")
    private boolean hasEnded;

    /** The one for a grant's mount. */
    static Attachment to(Grant grant) throws DaxException {
        synchronized (Attachment.class) {
            Attachment known = ALL.get(grant.socket());
            if (known != null && !known.hasHungUp()) {
                return known;
            }
            if (known != null) {
                ALL.remove(grant.socket());
                known.end();
            }
            Attachment made = new Attachment(grant);
            ALL.put(grant.socket(), made);
            return made;
        }
    }

    /** The server is gone. What stays is the arena, SIGBUS all over, for who still has addresses in it. */
    private synchronized void end() {
        isGone = true;
        hasEnded = true;
        LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
        mapThread.join();
        LibC.INSTANCE.close(mapSocket);
        LibC.INSTANCE.close(socket);
        LibC.INSTANCE.close(memfd);
    }

    private Attachment(Grant grant) throws DaxException {
        if (!MapThread.isSupported()) {
            throw new DaxException(Reason.UNSUPPORTED, "files can be mapped onto the pool on x86-64 only");
        }
        key = grant.socket();
        int[] passed = {-1, -1, -1, -1};
        int connected = -1;
        int mapEnd = -1;
        Range reserved = null;
        boolean done = false;
        try (UserFaults userFaults = new UserFaults()) {
            connected = UnixSockets.connect(grant.socket());
            if (connected < 0) {
                throw new DaxException(Reason.NOT_MAPPABLE_NOW, grant.socket() + ": " + LibC.lastError());
            }
            passed[Passed.PAGEMAP] = LibC.INSTANCE.open(PAGEMAP, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
            if (passed[Passed.PAGEMAP] < 0) {
                throw new DaxException(Reason.UNSUPPORTED, PAGEMAP + ": " + LibC.lastError());
            }
            passed[Passed.TRACKING] = open(userFaults, UserFaults.TRACKING_FEATURES);
            passed[Passed.FAULTS] = open(userFaults, UserFaults.SERVING_FEATURES);
            reserved = reserve();
            arena = reserved.start;
            arenaBytes = reserved.bytes;
            addresses = new Addresses(arena, arenaBytes);
            memfd = memoryFile("radax-holes", arenaBytes);
            grave = emptyFile();
            passed[Passed.MEMFD] = memfd;
            socket = connected;
            mapEnd = hello(passed);
            mapSocket = mapEnd;
            mapThread = new MapThread(mapSocket, arena, arenaBytes, memfd, passed[Passed.FAULTS]);
            done = true;
        } finally {
            // The server has its own of these now; the faults' is the map thread's.
            close(passed[Passed.PAGEMAP]);
            close(passed[Passed.TRACKING]);
            if (!done) {
                close(connected);
                close(mapEnd);
                close(passed[Passed.FAULTS]);
                close(passed[Passed.MEMFD]);
                if (reserved != null) {
                    // Nothing was mapped there: nobody maps but the map thread.
                    LibC.INSTANCE.munmap(reserved.start, reserved.bytes);
                }
            }
        }
    }

    private static void close(int descriptor) {
        if (descriptor >= 0) {
            LibC.INSTANCE.close(descriptor);
        }
    }

    private static int open(UserFaults userFaults, long features) throws DaxException {
        int descriptor = userFaults.open(features);
        if (descriptor < 0) {
            throw new DaxException(
                    Reason.UNSUPPORTED,
                    "userfaultfd: " + LibC.INSTANCE.strerror(-descriptor) + "; it takes Linux 6.7, with userfaultfd");
        }
        return descriptor;
    }

    private record Range(long start, long bytes) {}

    private static Range reserve() throws DaxException {
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE;
        for (long bytes = ARENA_BYTES; bytes >= LEAST_ARENA_BYTES; bytes /= 2) {
            long at = LibC.INSTANCE.mmap(0, bytes, LibC.PROT_NONE, flags, -1, 0);
            if (at != -1) {
                return new Range(at, bytes);
            }
        }
        throw new DaxException(Reason.UNSUPPORTED, "no addresses to map at: " + LibC.lastError());
    }

    private static int emptyFile() throws DaxException {
        synchronized (Attachment.class) {
            if (emptyFile < 0) {
                emptyFile = memoryFile("radax-unmapped", 0);
            }
            return emptyFile;
        }
    }

    private static int memoryFile(String name, long bytes) throws DaxException {
        byte[] text = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        long memory = RawMemory.allocate(text.length);
        try {
            RawMemory.copyIn(text, 0, memory, text.length);
            int descriptor = (int) LibC.INSTANCE.syscall(LibC.SYS_MEMFD_CREATE, memory, 1, 0, 0, 0, 0);
            if (descriptor < 0 || LibC.INSTANCE.ftruncate(descriptor, bytes) != 0) {
                String error = LibC.lastError();
                close(descriptor);
                throw new DaxException(Reason.UNSUPPORTED, "memfd_create: " + error);
            }
            return descriptor;
        } finally {
            RawMemory.free(memory);
        }
    }

    /** Returns this side's end of the map socket. */
    private int hello(int[] passed) throws DaxException {
        int[] mapEnd = new int[1];
        request(Request.HELLO, passed, mapEnd, LeaseProtocol.VERSION, arena, arenaBytes);
        return mapEnd[0];
    }

    // The pool.

    /** Opens the pool, and the grant's file; returns the number of its lease. */
    long open(Grant grant, boolean writable) throws DaxException {
        try {
            openPool(grant, writable);
            return request(Request.OPEN, grant.tokenHigh(), grant.tokenLow());
        } catch (DaxException e) {
            if (e.reason() == Reason.GONE) {
                // The map thread may have let go of the pool before it was opened: the lock would keep all servers out.
                forget();
            }
            throw e;
        }
    }

    private void forget() {
        synchronized (Attachment.class) {
            if (ALL.remove(key, this)) {
                end();
            }
        }
    }

    /** Opens the pool with this process's credentials, for what is to be mapped. */
    private synchronized void openPool(Grant grant, boolean writable) throws DaxException {
        if (hasEnded) {
            throw gone();
        }
        int source = writable ? Order.FROM_POOL_WRITABLE : Order.FROM_POOL_READABLE;
        if (mapThread.used(source) >= 0) {
            return;
        }
        int mode = writable ? LibC.O_RDWR : LibC.O_RDONLY;
        int descriptor = LibC.INSTANCE.open(grant.pool().toString(), mode | LibC.O_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new DaxException(
                    Reason.POOL_NOT_ACCESSIBLE,
                    grant.pool() + ": this process can not open the pool for "
                            + (writable ? "writing" : "reading") + ": " + LibC.lastError()
                            + "; who may map files is decided by the pool's owner, group and mode");
        }
        boolean done = false;
        try {
            requireSame(grant, descriptor);
            lock(grant, descriptor);
            mapThread.use(source, descriptor);
            done = true;
        } finally {
            if (!done) {
                LibC.INSTANCE.close(descriptor);
            }
        }
    }

    private static void requireSame(Grant grant, int descriptor) throws DaxException {
        long stat = RawMemory.allocate(STAT_SIZE);
        try {
            boolean isSame = LibC.INSTANCE.fstat(descriptor, stat) == 0
                    && RawMemory.getLong(stat) == grant.poolDevice()
                    && RawMemory.getLong(stat + Long.BYTES) == grant.poolInode();
            if (!isSame) {
                throw new DaxException(
                        Reason.POOL_NOT_ACCESSIBLE,
                        grant.pool() + ": another file than the mount's pool, as this process sees it (another mount"
                                + " namespace, or the pool was moved)");
            }
        } finally {
            RawMemory.free(stat);
        }
    }

    /** So that no other server takes the pool while anything of it is mapped here. */
    private static void lock(Grant grant, int descriptor) throws DaxException {
        long flock = RawMemory.allocate(FLOCK_SIZE);
        try {
            RawMemory.fill(flock, FLOCK_SIZE, (byte) 0);
            RawMemory.putLong(flock + 8, LeaseProtocol.LOCK_BYTE);
            RawMemory.putLong(flock + 16, 1);
            if (LibC.INSTANCE.fcntl(descriptor, LibC.F_OFD_SETLK, flock) != 0) {
                throw new DaxException(Reason.POOL_NOT_ACCESSIBLE, grant.pool() + ": lock: " + LibC.lastError());
            }
        } finally {
            RawMemory.free(flock);
        }
    }

    // Addresses.

    long takeAddresses(long fileOffset, long lengthBytes) throws DaxException {
        return addresses.take(fileOffset, lengthBytes);
    }

    synchronized void protect(long address, long lengthBytes) {
        if (!isGone) {
            LibC.INSTANCE.mprotect(address, lengthBytes, LibC.PROT_READ);
        }
    }

    /** SIGBUS, which Java throws as an error, and not SIGSEGV, which ends it. */
    synchronized void bury(long address, long lengthBytes) {
        LibC.INSTANCE.mmap(
                address,
                lengthBytes,
                LibC.PROT_READ | LibC.PROT_WRITE,
                LibC.MAP_SHARED | LibC.MAP_FIXED,
                grave,
                address - arena);
        addresses.giveBack(address, lengthBytes);
    }

    // Requests.

    private boolean hasHungUp() {
        synchronized (this) {
            if (!isGone) {
                // Nothing is under way, so nothing is to be received: unless it is the end.
                isGone = LibC.INSTANCE.recv(socket, message, 1, 0x40) == 0;
            }
            return isGone;
        }
    }

    long request(int type, long... arguments) throws DaxException {
        return request(type, new int[0], new int[0], arguments);
    }

    /** {@code passed} goes with the request, {@code received} comes with the reply. */
    private synchronized long request(int type, int[] passed, int[] received, long... arguments) throws DaxException {
        if (isGone) {
            throw gone();
        }
        RawMemory.fill(message, Request.SIZE, (byte) 0);
        RawMemory.putInt(message + Request.TYPE, type);
        RawMemory.putInt(message + Request.SEQUENCE, ++sequence);
        for (int i = 0; i < arguments.length; i++) {
            RawMemory.putLong(message + Request.ARGUMENTS + (long) i * Long.BYTES, arguments[i]);
        }
        long sent = passed.length > 0
                ? Descriptors.send(socket, message, Request.SIZE, passed)
                : LibC.INSTANCE.send(socket, message, Request.SIZE, LibC.MSG_NOSIGNAL);
        long reply = message + Request.SIZE;
        if (sent != Request.SIZE || Descriptors.receive(socket, reply, Reply.SIZE, received) != Reply.SIZE) {
            isGone = true;
            throw gone();
        }
        int errno = RawMemory.getInt(reply + Reply.ERRNO);
        if (errno != 0) {
            throw new DaxException(reason(errno), text(reply + Reply.MESSAGE));
        }
        return RawMemory.getLong(reply + Reply.VALUE);
    }

    private DaxException gone() {
        return new DaxException(Reason.GONE, key + ": the server is gone; nothing of its mount is mapped any more");
    }

    private static Reason reason(int errno) {
        if (errno == Errno.EOPNOTSUPP.number() || errno == Errno.EPROTO.number()) {
            return Reason.UNSUPPORTED;
        }
        return errno == Errno.EIO.number() ? Reason.IO : Reason.NOT_MAPPABLE_NOW;
    }

    private static String text(long address) {
        int length = 0;
        while (length < Reply.SIZE - Reply.MESSAGE && RawMemory.getByte(address + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        RawMemory.copyOut(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
