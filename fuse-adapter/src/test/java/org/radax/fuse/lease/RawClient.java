package org.radax.fuse.lease;

import java.nio.file.Path;
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

/** The other side of the lease protocol, which says what it likes, and keeps to nothing. */
final class RawClient implements AutoCloseable {
    static final long ARENA_BYTES = 64L << 20;
    static final int NO_REPLY = -1;
    static final int MFD_CLOEXEC = 1;
    private static final int O_NONBLOCK = 0x800;

    /** What its map thread does with an order; called with the order's address, returns the answer. */
    @FunctionalInterface
    interface Behaviour {
        long carryOut(long order) throws InterruptedException;
    }

    final int socket;
    final int pagemap;
    final int tracking;
    final int faults;
    final int memfd;
    final long arena;
    private final long message = RawMemory.allocate(4096);
    private final UserFaults userFaults = new UserFaults();
    private int mapSocket = -1;
    private Thread mapThread;
    /** Of the last reply. */
    int errno;

    long value;
    int descriptorsReceived;

    RawClient(Path server) {
        socket = UnixSockets.connect(server);
        pagemap = LibC.INSTANCE.open("/proc/self/pagemap", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        tracking = userFaults.open(UserFaults.TRACKING_FEATURES);
        faults = userFaults.open(UserFaults.SERVING_FEATURES);
        memfd = memoryFile(ARENA_BYTES);
        arena = LibC.INSTANCE.mmap(
                0, ARENA_BYTES, LibC.PROT_NONE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE, -1, 0);
        if (socket < 0 || pagemap < 0 || tracking < 0 || faults < 0 || memfd < 0 || arena == -1) {
            throw new IllegalStateException("no client: " + LibC.lastError());
        }
    }

    static int memoryFile(long bytes) {
        long name = RawMemory.allocate(8);
        RawMemory.putLong(name, 'm');
        int descriptor = (int) LibC.INSTANCE.syscall(LibC.SYS_MEMFD_CREATE, name, MFD_CLOEXEC, 0, 0, 0, 0);
        RawMemory.free(name);
        LibC.INSTANCE.ftruncate(descriptor, bytes);
        return descriptor;
    }

    int[] descriptors() {
        int[] all = new int[Passed.COUNT];
        all[Passed.PAGEMAP] = pagemap;
        all[Passed.TRACKING] = tracking;
        all[Passed.FAULTS] = faults;
        all[Passed.MEMFD] = memfd;
        return all;
    }

    /** As it ought to be said; serves the map socket from then on. */
    RawClient hello(Behaviour behaviour) {
        if (hello(LeaseProtocol.VERSION, arena, ARENA_BYTES, descriptors()) != 0) {
            throw new IllegalStateException("hello: errno " + errno);
        }
        mapThread = new Thread(() -> serveOrders(behaviour), "raw-map");
        mapThread.setDaemon(true);
        mapThread.start();
        return this;
    }

    int hello(long version, long base, long bytes, int... passed) {
        return request(Request.HELLO, passed, version, base, bytes);
    }

    int request(int type, long... arguments) {
        return request(type, new int[0], arguments);
    }

    /** Returns the errno of the reply, or {@link #NO_REPLY} if the server hung up. */
    int request(int type, int[] passed, long... arguments) {
        RawMemory.fill(message, Request.SIZE, (byte) 0);
        RawMemory.putInt(message + Request.TYPE, type);
        for (int i = 0; i < arguments.length; i++) {
            RawMemory.putLong(message + Request.ARGUMENTS + (long) i * Long.BYTES, arguments[i]);
        }
        return exchange(Request.SIZE, passed);
    }

    /** Sends what there is in {@link #message()}, of any length. */
    int exchange(int length, int... passed) {
        long sent = passed.length > 0
                ? Descriptors.send(socket, message, length, passed)
                : LibC.INSTANCE.send(socket, message, length, LibC.MSG_NOSIGNAL);
        int[] received = new int[Descriptors.MOST];
        if (sent != length || Descriptors.receive(socket, message, 4096, received) != Reply.SIZE) {
            errno = NO_REPLY;
            return errno;
        }
        descriptorsReceived = 0;
        for (int descriptor : received) {
            if (descriptor >= 0) {
                descriptorsReceived++;
                mapSocket = descriptor;
            }
        }
        errno = RawMemory.getInt(message + Reply.ERRNO);
        value = RawMemory.getLong(message + Reply.VALUE);
        return errno;
    }

    long message() {
        return message;
    }

    int mapSocket() {
        return mapSocket;
    }

    /** Does what the order says, with a descriptor of the pool of its own. */
    static Behaviour honest(RawClient client, int pool) {
        return order -> LibC.INSTANCE.mmap(
                RawMemory.getLong(order + Order.ADDRESS),
                RawMemory.getLong(order + Order.LENGTH),
                (int) RawMemory.getLong(order + Order.PROTECTION),
                LibC.MAP_SHARED | LibC.MAP_FIXED,
                RawMemory.getLong(order + Order.SOURCE) == Order.FROM_MEMFD ? client.memfd : pool,
                RawMemory.getLong(order + Order.OFFSET));
    }

    private void serveOrders(Behaviour behaviour) {
        long order = RawMemory.allocate(Order.SIZE + Order.RESULT_SIZE);
        try {
            while (LibC.INSTANCE.recv(mapSocket, order, Order.SIZE, 0) == Order.SIZE) {
                RawMemory.putLong(order + Order.SIZE, behaviour.carryOut(order));
                LibC.INSTANCE.send(mapSocket, order + Order.SIZE, Order.RESULT_SIZE, LibC.MSG_NOSIGNAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            RawMemory.free(order);
        }
    }

    /** False if its thread goes on: then it keeps its socket, whose number the next client's would have otherwise. */
    private boolean endOrders() {
        if (mapThread == null) {
            return true;
        }
        mapThread.interrupt();
        try {
            mapThread.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !mapThread.isAlive();
    }

    /** Of the process's flags of a descriptor that the server has, too. */
    static void makeBlocking(int descriptor) {
        int flags = LibC.INSTANCE.fcntl(descriptor, 3, 0);
        LibC.INSTANCE.fcntl(descriptor, 4, flags & ~O_NONBLOCK);
    }

    /** Hangs up, and closes all that is its own; addresses stay taken. */
    @Override
    public void close() {
        LibC.INSTANCE.shutdown(socket, LibC.SHUT_RDWR);
        if (mapSocket >= 0) {
            LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
        }
        boolean isEnded = endOrders();
        for (int descriptor : new int[] {socket, isEnded ? mapSocket : -1, pagemap, tracking, faults, memfd}) {
            if (descriptor >= 0) {
                LibC.INSTANCE.close(descriptor);
            }
        }
        LibC.INSTANCE.mmap(
                arena,
                ARENA_BYTES,
                LibC.PROT_NONE,
                LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE | LibC.MAP_FIXED,
                -1,
                0);
        RawMemory.free(message);
        userFaults.close();
    }
}
