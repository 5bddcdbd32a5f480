package org.radax.fuse.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one client until it hangs up. Whatever it sends, the daemon lives on. */
final class ControlConnection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);

    private final SocketChannel channel;
    private final ControlRegistry registry;
    private final UserPrincipal owner;
    private volatile long idleSinceNanos = System.nanoTime();
    private volatile boolean busy;

    ControlConnection(SocketChannel channel, ControlRegistry registry, UserPrincipal owner) {
        this.channel = channel;
        this.registry = registry;
        this.owner = owner;
    }

    @Override
    public void run() {
        try (channel) {
            Peer peer = Peer.of(channel);
            JsonLines lines = new JsonLines(channel, ControlProtocol.MAX_REQUEST_BYTES);
            String line = read(lines);
            while (line != null) {
                busy = true;
                String reply = answer(peer, line);
                JsonLines.write(channel, reply);
                idleSinceNanos = System.nanoTime();
                busy = false;
                line = read(lines);
            }
        } catch (IOException e) {
            LOG.debug("control connection ended: {}", e.toString());
        }
    }

    private String read(JsonLines lines) throws IOException {
        try {
            return lines.read();
        } catch (JsonLines.TooLongException e) {
            JsonLines.write(channel, ControlMessages.failure(new ControlException("EMSGSIZE", e.getMessage())));
            return null;
        }
    }

    private String answer(Peer peer, String line) {
        try {
            ControlMessages.Request request = ControlMessages.parseRequest(line);
            ControlRegistry.Entry entry = registry.find(request.verb());
            if (entry.access() == ControlRegistry.Access.OWNER && !peer.mayChange(owner)) {
                throw new ControlException(
                        "EPERM", request.verb() + " is for root and for " + owner.getName() + ", who mounted it");
            }
            return ControlMessages.success(entry.handler().handle(request.arguments(), this::tell));
        } catch (ControlException e) {
            return ControlMessages.failure(e);
        } catch (RuntimeException e) {
            LOG.error("control request failed: {}", line, e);
            return ControlMessages.failure(new ControlException("EIO", "internal error, see the log: " + e));
        }
    }

    private void tell(Map<String, Object> state) throws ControlException {
        try {
            JsonLines.write(channel, ControlMessages.progress(state));
        } catch (IOException e) {
            throw new ControlException("EPIPE", "the client has gone", e);
        }
    }

    /** True while a request is being answered. */
    boolean busy() {
        return busy;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a control connection", e);
        }
    }
}
