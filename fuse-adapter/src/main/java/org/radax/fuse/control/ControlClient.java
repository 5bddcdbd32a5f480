package org.radax.fuse.control;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** Asks a mount's daemon. Not thread-safe. */
public final class ControlClient implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final JsonLines lines;
    private long deadlineNanos;

    private ControlClient(SocketChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
        this.lines = new JsonLines(new Waiting(), ControlProtocol.MAX_REPLY_BYTES);
    }

    /**
     * Connects. An IOException means that nobody serves the socket, that it is not ours to open, or that it is served by
     * somebody else than who owns the directory: a user could put a link there to another one's socket.
     */
    public static ControlClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        boolean done = false;
        try {
            UserPrincipal owner = Files.getOwner(socket.toAbsolutePath().getParent(), LinkOption.NOFOLLOW_LINKS);
            UserPrincipal server = Peer.of(channel).user();
            if (!server.getName().equals(owner.getName())) {
                throw new IOException(socket + " lies in a directory of " + owner + " and is served by " + server);
            }
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            done = true;
            return new ControlClient(channel, selector);
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /** One request on a connection of its own. */
    public static JsonObject ask(Path socket, String verb, Map<String, Object> arguments, Duration patience)
            throws IOException, ControlException {
        try (ControlClient client = connect(socket)) {
            return client.call(verb, arguments, patience);
        }
    }

    /**
     * Sends a request and waits for its result.
     *
     * @throws ControlException what the daemon reported; ETIMEDOUT when it did not answer in time
     * @throws IOException the connection broke
     */
    public JsonObject call(String verb, Map<String, Object> arguments, Duration patience)
            throws IOException, ControlException {
        return call(verb, arguments, patience, state -> {});
    }

    /** As above, for a verb that tells how far it is: the daemon may be silent for as long as {@code patience}. */
    public JsonObject call(String verb, Map<String, Object> arguments, Duration patience, Consumer<JsonObject> progress)
            throws IOException, ControlException {
        JsonLines.write(channel, ControlMessages.request(verb, arguments));
        JsonObject answer = read(patience);
        while (answer.has("progress")) {
            progress.accept(answer.getObject("progress"));
            answer = read(patience);
        }
        return ControlMessages.resultOf(answer);
    }

    private JsonObject read(Duration patience) throws IOException, ControlException {
        deadlineNanos = System.nanoTime() + patience.toNanos();
        String line;
        try {
            line = lines.read();
        } catch (TimedOutException e) {
            throw new ControlException(
                    "ETIMEDOUT", "no answer from the daemon within " + patience.toSeconds() + " s", e);
        }
        if (line == null) {
            throw new IOException("the daemon hung up");
        }
        return ControlMessages.parseAnswer(line);
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }

    private static final class TimedOutException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Reads from the channel, waiting no longer than the deadline. */
    private final class Waiting implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            while (true) {
                int got = channel.read(target);
                if (got != 0) {
                    return got;
                }
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    throw new TimedOutException();
                }
                selector.select(Math.max(1, left / 1_000_000));
                selector.selectedKeys().clear();
            }
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
