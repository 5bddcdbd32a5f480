package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.lease.LeaseProtocol.Grant;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.Scarcity;
import org.radax.core.os.UnixSockets;
import org.radax.core.volume.Caller;
import org.radax.core.volume.DirectAccess;
import org.radax.core.volume.LeaseDesk;
import org.radax.core.volume.Volume;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lease socket of a mount: anybody may connect, and a grant says what for. Three threads a client. Thread-safe. */
public final class LeaseServer implements LeaseDesk, AutoCloseable {
    /** Milliseconds that a client may take to carry out an order, before it is cut off. */
    public static final String LIMIT_PROPERTY = "radax.lease.limit";

    private static final Logger LOG = LoggerFactory.getLogger(LeaseServer.class);
    private static final int MOST_CLIENTS = 512;
    private static final int BACKLOG = 64;

    /** Its socket, its process, its end of the map socket, and what comes with a hello; two more for a moment. */
    private static final int DESCRIPTORS_OF_A_CLIENT = 9;

    private static final int SPARE_DESCRIPTORS = 12;
    /** Of the time a client has for an operation. */
    private static final int CLOSE_LIMITS = 5;

    private final Path path;
    private final int listener;
    private final DirectAccess direct;
    private final DirectAccess.Pool pool;
    private final LongConsumer mapped;
    private final Grants grants = new Grants();
    private final Map<Integer, Allowance> allowances = new ConcurrentHashMap<>();
    private final long limitMillis = Long.getLong(LIMIT_PROPERTY, 2000);

    @GuardedBy("clients")
    private final Map<ClientConnection, Thread> clients = new LinkedHashMap<>();

    private final int mostClients = mostClients();
    private volatile boolean closing;

    private LeaseServer(Path path, int listener, DirectAccess direct, DirectAccess.Pool pool, LongConsumer mapped) {
        this.path = path;
        this.listener = listener;
        this.direct = direct;
        this.pool = pool;
        this.mapped = mapped;
    }

    /** As many as there are descriptors for, beside those that are open and some for control connections. */
    private static int mostClients() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            long left = LibC.INSTANCE.sysconf(LibC.SC_OPEN_MAX) - open.count() - SPARE_DESCRIPTORS;
            return (int) Math.max(0, Math.min(MOST_CLIENTS, left / DESCRIPTORS_OF_A_CLIENT));
        } catch (IOException e) {
            throw new UncheckedIOException("looking at descriptors", e);
        }
    }

    /**
     * Listens on a socket that everybody may connect to, and grants leases from now on.
     *
     * @param mapped is told inodes that are about to be mapped: what the kernel has cached of them is stale from now on
     */
    public static LeaseServer start(Path path, Volume volume, LongConsumer mapped) throws IOException, PoolException {
        Files.deleteIfExists(path);
        int listener = UnixSockets.listen(path, BACKLOG);
        if (listener < 0) {
            throw new IOException("lease socket " + path + ": " + LibC.lastError());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        LeaseServer server = new LeaseServer(path, listener, volume.directAccess(), volume.pool(), mapped);
        Thread acceptor = new Thread(server::accept, "radax-leases");
        acceptor.setDaemon(true);
        acceptor.start();
        volume.leaseDesk(server);
        return server;
    }

    /** A process that has files mapped. */
    public record ClientView(int pid, int uid, List<FileView> files) {}

    /** A file that it has mapped. */
    public record FileView(long ino, boolean writable, long mappedBytes, int regions, boolean quarantined) {}

    public List<ClientView> clients() {
        List<ClientView> views = new ArrayList<>();
        synchronized (clients) {
            for (ClientConnection client : clients.keySet()) {
                List<FileView> files = new ArrayList<>();
                for (LeasedFile file : client.leases()) {
                    List<Region> regions = file.regions();
                    long bytes = regions.stream().mapToLong(Region::lengthBytes).sum();
                    files.add(new FileView(file.ino(), file.writable(), bytes, regions.size(), file.isAbandoned()));
                }
                views.add(new ClientView(client.peer().pid(), client.peer().uid(), files));
            }
        }
        return views;
    }

    @Override
    public void grant(Caller caller, long ino, boolean writable, long out) throws FsException {
        if (closing) {
            throw new FsException(Errno.EBUSY, "map", "the mount is about to end");
        }
        if (isFull(caller.pid())) {
            throw new FsException(Errno.EMFILE, "map", mostClients + " processes have files mapped: no descriptors");
        }
        Grants.Token token = grants.issue(caller.uid(), ino, direct.generation(ino), writable, System.nanoTime());
        RawMemory.putInt(out + Grant.VERSION, LeaseProtocol.VERSION);
        RawMemory.putInt(out + Grant.FLAGS, writable ? Grant.FLAG_WRITABLE : 0);
        RawMemory.putLong(out + Grant.TOKEN, token.high());
        RawMemory.putLong(out + Grant.TOKEN + Long.BYTES, token.low());
        RawMemory.putLong(out + Grant.POOL_BYTES, pool.sizeBytes());
        RawMemory.putLong(out + Grant.POOL_DEVICE, pool.device());
        RawMemory.putLong(out + Grant.POOL_INODE, pool.inode());
        putPath(out + Grant.SOCKET_PATH, path, Grant.POOL_PATH - Grant.SOCKET_PATH);
        putPath(out + Grant.POOL_PATH, pool.path(), Grant.SIZE - Grant.POOL_PATH);
    }

    /** A process that is a client already, of which {@code thread} is one, is none more. */
    private boolean isFull(int thread) {
        List<ClientConnection> connected = connected();
        return connected.size() >= mostClients
                && connected.stream()
                        .noneMatch(client ->
                                Files.exists(Path.of("/proc/" + client.peer().pid() + "/task/" + thread)));
    }

    private static void putPath(long out, Path path, int capacity) throws FsException {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= capacity) {
            throw new FsException(Errno.ENAMETOOLONG, "map", path + ": longer than a grant has room for");
        }
        RawMemory.copyIn(bytes, 0, out, bytes.length);
    }

    /** New clients may connect meanwhile: they map nothing before the thaw. */
    @Override
    public void freeze() throws FsException {
        for (ClientConnection client : connected()) {
            client.freeze();
        }
    }

    @Override
    public void thaw() {
        for (ClientConnection client : connected()) {
            try {
                client.thaw();
            } catch (RuntimeException | Error e) {
                Scarcity.survive(
                        LOG,
                        "a thaw",
                        () -> LOG.error("process {}", client.peer().pid(), e));
            }
        }
    }

    List<ClientConnection> connected() {
        synchronized (clients) {
            return List.copyOf(clients.keySet());
        }
    }

    // For connections.

    long limitMillis() {
        return limitMillis;
    }

    DirectAccess direct() {
        return direct;
    }

    Grants.Grant redeem(Grants.Token token) throws FsException {
        return grants.redeem(token, System.nanoTime());
    }

    void announce(long ino) {
        mapped.accept(ino);
    }

    void forget(ClientConnection client) {
        synchronized (clients) {
            clients.remove(client);
            client.allowance().removeClient();
            clients.notifyAll();
        }
    }

    private void accept() {
        while (!closing) {
            if (!Polling.isReadable(listener, 1000)) {
                continue;
            }
            int socket = LibC.INSTANCE.accept4(listener, 0, 0, LibC.SOCK_CLOEXEC);
            if (socket >= 0) {
                Scarcity.survive(LOG, "a client's connection", () -> serve(socket));
            } else if (!closing) {
                LOG.warn("lease socket: {}", LibC.lastError());
                pause();
            }
        }
        LibC.INSTANCE.close(listener);
    }

    /** Out of descriptors or memory: do not spin. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(int socket) {
        UnixSockets.Peer peer = UnixSockets.Peer.of(socket);
        long now = System.nanoTime();
        Allowance allowance = allowances.computeIfAbsent(
                peer.uid(), uid -> new Allowance(TimeUnit.MILLISECONDS.toNanos(limitMillis), now));
        ClientConnection client = new ClientConnection(socket, peer, allowance, this);
        Thread thread = new Thread(client::run, "radax-lease-" + peer.pid());
        thread.setDaemon(true);
        synchronized (clients) {
            if (closing || clients.size() >= mostClients || !allowance.addClient()) {
                if (allowance.mayLog(now)) {
                    LOG.warn("process {} of user {}: too many clients", peer.pid(), peer.uid());
                }
                LibC.INSTANCE.close(socket);
                return;
            }
            clients.put(client, thread);
        }
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            forget(client);
            LibC.INSTANCE.close(socket);
            throw e;
        }
    }

    /** Takes back what is mapped, in as much time as clients have for it. Then nobody maps anything any more. */
    @Override
    public void close() {
        close(CLOSE_LIMITS * limitMillis);
    }

    /** As {@link #close()}, in so much time. */
    void close(long patienceMillis) {
        closing = true;
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("lease socket {}: {}", path, e.toString());
        }
        synchronized (clients) {
            clients.keySet().forEach(ClientConnection::hangUp);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
            try {
                while (!clients.isEmpty() && System.nanoTime() < deadline) {
                    clients.wait(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            clients.keySet()
                    .forEach(client -> LOG.warn(
                            "process {} still has files mapped", client.peer().pid()));
        }
    }
}
