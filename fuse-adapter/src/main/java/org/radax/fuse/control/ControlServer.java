package org.radax.fuse.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.radax.core.os.Scarcity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on a mount's control socket, one daemon thread per connection. */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    /** How long {@link #close} lets requests end: an unmount waits for the kernel to drop its inodes, 3 s for a million. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final Path socket;
    private final ServerSocketChannel listener;
    private final ControlRegistry registry;
    private final UserPrincipal owner;

    @GuardedBy("connections")
    private final Map<ControlConnection, Thread> connections = new LinkedHashMap<>();

    private ControlServer(Path socket, ServerSocketChannel listener, ControlRegistry registry, UserPrincipal owner) {
        this.socket = socket;
        this.listener = listener;
        this.registry = registry;
        this.owner = owner;
    }

    /**
     * Binds {@code socket} (mode 0600, in a directory only its owner can enter) and starts to serve.
     *
     * @throws ControlException EBUSY if a living daemon serves it, EIO if it can not be made
     */
    public static ControlServer start(Path socket, ControlRegistry registry) throws ControlException {
        try {
            refuseIfServed(socket);
            if (Files.deleteIfExists(socket)) {
                LOG.info("removed the control socket of a dead daemon: {}", socket);
            }
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            boolean done = false;
            try {
                bind(listener, socket);
                ControlServer server = new ControlServer(socket, listener, registry, Files.getOwner(socket));
                Thread acceptor = new Thread(server::accept, "radax-control");
                acceptor.setDaemon(true);
                acceptor.start();
                done = true;
                return server;
            } finally {
                if (!done) {
                    listener.close();
                }
            }
        } catch (IOException e) {
            throw new ControlException("EIO", "control socket " + socket + ": " + e, e);
        }
    }

    /**
     * The socket appears under its name when it is listened on: between bind(2) and listen(2) it looks like a dead one,
     * which another mount would tidy away.
     */
    private static void bind(ServerSocketChannel listener, Path socket) throws IOException {
        Path early = socket.resolveSibling(
                socket.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(early);
        listener.bind(UnixDomainSocketAddress.of(early));
        Files.setPosixFilePermissions(early, PosixFilePermissions.fromString("rw-------"));
        Files.move(early, socket, StandardCopyOption.ATOMIC_MOVE);
    }

    /** @throws ControlException EBUSY if a living daemon serves it */
    public static void refuseIfServed(Path socket) throws ControlException {
        if (!Files.exists(socket)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            throw new ControlException("EBUSY", "control socket " + socket + " is served by another daemon: " + probe);
        } catch (IOException e) {
            // Nobody listens: left behind by a daemon that was killed.
        }
    }

    public Path socket() {
        return socket;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel channel = listener.accept();
                Scarcity.survive(LOG, "a control connection", () -> serve(channel));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("control socket: {}", e.toString());
                if (!pause()) {
                    return;
                }
            }
        }
    }

    /** Out of descriptors or memory: do not spin. */
    private static boolean pause() {
        try {
            Thread.sleep(100);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void serve(SocketChannel channel) {
        ControlConnection connection = new ControlConnection(channel, registry, owner);
        Thread thread = new Thread(() -> runAndForget(connection), "radax-control-client");
        thread.setDaemon(true);
        synchronized (connections) {
            if (connections.size() >= ControlProtocol.MAX_CONNECTIONS) {
                dropOldestIdle();
            }
            if (connections.size() >= ControlProtocol.MAX_CONNECTIONS) {
                connection.close();
                return;
            }
            connections.put(connection, thread);
        }
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            connection.close();
            forget(connection);
            throw e;
        }
    }

    private void runAndForget(ControlConnection connection) {
        try {
            connection.run();
        } finally {
            forget(connection);
        }
    }

    private void forget(ControlConnection connection) {
        synchronized (connections) {
            connections.remove(connection);
        }
    }

    @GuardedBy("connections")
    private void dropOldestIdle() {
        Optional<ControlConnection> oldest = connections.keySet().stream()
                .filter(c -> !c.busy())
                .min(Comparator.comparingLong(ControlConnection::idleSinceNanos));
        if (oldest.isPresent()) {
            oldest.get().close();
            connections.remove(oldest.get());
        }
    }

    /** Stops listening, removes the socket, lets replies under way go out, and hangs up. Idempotent. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(socket);
            listener.close();
        } catch (IOException e) {
            LOG.warn("closing the control socket: {}", e.toString());
        }
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (anyBusy() && System.nanoTime() < deadline) {
            if (!pause()) {
                break;
            }
        }
        synchronized (connections) {
            connections.keySet().forEach(ControlConnection::close);
        }
    }

    private boolean anyBusy() {
        synchronized (connections) {
            return connections.keySet().stream().anyMatch(ControlConnection::busy);
        }
    }
}
