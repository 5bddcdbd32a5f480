package org.radax.fuse.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.fuse.control.ControlRegistry.Access;

final class ControlServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private Path socket;
    private ControlServer server;

    @BeforeEach
    void start() throws ControlException {
        socket = directory.resolve("m.sock");
        ControlRegistry registry = new ControlRegistry(() -> {})
                .register("echo", Access.ANYONE, arguments -> arguments)
                .register("change", Access.OWNER, arguments -> Map.of("changed", true))
                .register("busy", Access.OWNER, arguments -> {
                    throw new ControlException("EBUSY", "files are open");
                })
                .register("broken", Access.ANYONE, arguments -> {
                    throw new IllegalStateException("oops");
                });
        server = ControlServer.start(socket, registry);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldAnswerARequest() throws Exception {
        JsonObject reply = ControlClient.ask(socket, "echo", Map.of("a", List.of(1, "x")), PATIENCE);

        assertEquals("[1, x]", reply.getArray("a").toString());
    }

    @Test
    void shouldAnswerManyRequestsOnOneConnection() throws Exception {
        try (ControlClient client = ControlClient.connect(socket)) {
            for (int i = 0; i < 100; i++) {
                assertEquals(i, client.call("echo", Map.of("i", i), PATIENCE).getInt("i"));
            }
        }
    }

    @Test
    void shouldLetTheOwnerChange() throws Exception {
        assertTrue(ControlClient.ask(socket, "change", Map.of(), PATIENCE).getBoolean("changed"));
    }

    @Test
    void shouldCarryAHandlersError() {
        ControlException e =
                assertThrows(ControlException.class, () -> ControlClient.ask(socket, "busy", Map.of(), PATIENCE));

        assertEquals("EBUSY", e.code());
        assertEquals("files are open", e.getMessage());
    }

    @Test
    void shouldSurviveABrokenHandler() throws Exception {
        ControlException e =
                assertThrows(ControlException.class, () -> ControlClient.ask(socket, "broken", Map.of(), PATIENCE));

        assertEquals("EIO", e.code());
        assertEquals(
                1, ControlClient.ask(socket, "echo", Map.of("a", 1), PATIENCE).getInt("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{}",
                "null",
                "{\"v\":1}",
                "{\"v\":2,\"verb\":\"echo\"}",
                "{\"v\":\"1\",\"verb\":\"echo\"}",
                "{\"v\":1,\"verb\":7}",
                "{\"v\":1,\"verb\":\"nonesuch\"}",
                "{\"v\":1,\"verb\":\"echo\",\"args\":[]}",
                "{\"v\":1,\"verb\":\"echo\",\"args\":null}",
                "{\"v\":1,\"verb\":\"echo\"",
                "\u0000\u0001"
            })
    void shouldAnswerBadInputWithAnError(String line) throws Exception {
        try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            JsonLines replies = new JsonLines(raw, ControlProtocol.MAX_REPLY_BYTES);
            JsonLines.write(raw, line);

            JsonObject reply = JsonParser.object().from(replies.read());

            assertFalse(reply.getBoolean("ok"));
            assertFalse(reply.getObject("error").getString("message").isEmpty());
            JsonLines.write(raw, ControlMessages.request("echo", Map.of("still", "here")));
            assertTrue(replies.read().contains("still"), "the connection goes on");
        }
    }

    @Test
    void shouldRefuseDeepNesting() throws Exception {
        String deep = "{\"v\":1,\"verb\":\"echo\",\"args\":{\"a\":" + "[".repeat(30_000) + "]".repeat(30_000) + "}}";
        try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            JsonLines.write(raw, deep);

            String reply = new JsonLines(raw, ControlProtocol.MAX_REPLY_BYTES).read();

            assertTrue(reply.contains("nested deeper"), reply);
        }
    }

    @Test
    void shouldHangUpOnALineWithoutEnd() throws Exception {
        try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer endless = ByteBuffer.wrap(
                    "x".repeat(ControlProtocol.MAX_REQUEST_BYTES + 1).getBytes(StandardCharsets.US_ASCII));
            while (endless.hasRemaining()) {
                assertTrue(raw.write(endless) > 0);
            }
            JsonLines replies = new JsonLines(raw, ControlProtocol.MAX_REPLY_BYTES);

            assertTrue(replies.read().contains("EMSGSIZE"));
            assertEquals(null, replies.read());
        }
    }

    @Test
    void shouldSurviveRandomBytes() throws Exception {
        Random random = new Random(42);
        for (int round = 0; round < 50; round++) {
            byte[] noise = new byte[random.nextInt(2000)];
            random.nextBytes(noise);
            try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                assertTrue(raw.write(ByteBuffer.wrap(noise)) >= 0);
            }
        }
        assertEquals(
                1, ControlClient.ask(socket, "echo", Map.of("a", 1), PATIENCE).getInt("a"));
    }

    @Test
    void shouldDropTheOldestIdleConnectionForANewOne() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < ControlProtocol.MAX_CONNECTIONS + 10; i++) {
                idle.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            assertEquals(
                    1,
                    ControlClient.ask(socket, "echo", Map.of("a", 1), PATIENCE).getInt("a"));
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void shouldBeForItsOwnerOnly() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }

    @Test
    void shouldRefuseASocketThatIsServed() {
        ControlException e =
                assertThrows(ControlException.class, () -> ControlServer.start(socket, new ControlRegistry(() -> {})));

        assertEquals("EBUSY", e.code());
    }

    @Test
    void shouldReplaceTheSocketOfADeadDaemon() throws Exception {
        Path left = directory.resolve("left.sock");
        Files.createFile(left);

        try (ControlServer second = ControlServer.start(left, new ControlRegistry(() -> {}))) {
            assertEquals(left, second.socket());
        }
        assertFalse(Files.exists(left));
    }

    @Test
    void shouldRemoveItsSocketAtClose() {
        server.close();

        assertFalse(Files.exists(socket));
        assertThrows(IOException.class, () -> ControlClient.connect(socket).close());
    }

    /** The request to unmount ends seconds after the pool is closed when the kernel has many inodes to drop. */
    @Test
    void shouldAnswerARequestThatTakesLongBeforeItHangsUp() throws Exception {
        Path slow = directory.resolve("unmounting.sock");
        CountDownLatch begun = new CountDownLatch(1);
        ControlRegistry registry = new ControlRegistry(() -> {}).register("unmount", Access.ANYONE, arguments -> {
            begun.countDown();
            try {
                Thread.sleep(3_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Map.of("closed", true);
        });
        ControlServer busy = ControlServer.start(slow, registry);
        FutureTask<JsonObject> asking = new FutureTask<>(() -> ControlClient.ask(slow, "unmount", Map.of(), PATIENCE));
        new Thread(asking).start();
        begun.await();

        busy.close();

        assertTrue(asking.get().getBoolean("closed"));
    }

    @Test
    void shouldTellHowFarItIs() throws Exception {
        Path slow = directory.resolve("telling.sock");
        ControlRegistry registry = new ControlRegistry(() -> {})
                .registerLasting("count", Access.ANYONE, (arguments, progress) -> {
                    for (int i = 1; i <= arguments.getInt("to"); i++) {
                        progress.tell(Map.of("at", i));
                    }
                    return Map.of("counted", true);
                });
        try (ControlServer teller = ControlServer.start(slow, registry);
                ControlClient client = ControlClient.connect(teller.socket())) {
            List<Integer> told = new ArrayList<>();
            JsonObject reply = client.call("count", Map.of("to", 3), PATIENCE, state -> told.add(state.getInt("at")));
            assertEquals(List.of(1, 2, 3), told);
            assertTrue(reply.getBoolean("counted"));
            // Who does not listen gets the reply alone.
            assertTrue(client.call("count", Map.of("to", 3), PATIENCE).getBoolean("counted"));
        }
    }

    @Test
    void shouldNoticeThatTheClientHasGone() throws Exception {
        Path slow = directory.resolve("deserted.sock");
        FutureTask<String> ended = new FutureTask<>(() -> "EPIPE");
        ControlRegistry registry = new ControlRegistry(() -> {})
                .registerLasting("tell", Access.ANYONE, (arguments, progress) -> {
                    while (true) {
                        try {
                            progress.tell(Map.of());
                        } catch (ControlException e) {
                            assertEquals("EPIPE", e.code());
                            ended.run();
                            throw e;
                        }
                    }
                });
        try (ControlServer teller = ControlServer.start(slow, registry)) {
            try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(teller.socket()))) {
                JsonLines.write(raw, ControlMessages.request("tell", Map.of()));
                assertTrue(new JsonLines(raw, ControlProtocol.MAX_REPLY_BYTES)
                        .read()
                        .contains("progress"));
            }
            assertEquals("EPIPE", ended.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldGiveUpOnADaemonThatDoesNotAnswer() throws Exception {
        Path slow = directory.resolve("slow.sock");
        ControlRegistry registry = new ControlRegistry(() -> {}).register("sleep", Access.ANYONE, arguments -> {
            try {
                Thread.sleep(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Map.of();
        });
        try (ControlServer sleeper = ControlServer.start(slow, registry)) {
            ControlException e = assertThrows(
                    ControlException.class,
                    () -> ControlClient.ask(sleeper.socket(), "sleep", Map.of(), Duration.ofMillis(100)));

            assertEquals("ETIMEDOUT", e.code());
        }
    }

    /** What verbs look at is closed next. */
    @Test
    void shouldRefuseVerbsOnceItIsClosedAndWaitForThoseUnderWay() throws Exception {
        Path closing = directory.resolve("closing.sock");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hurried = new CountDownLatch(3);
        AtomicBoolean done = new AtomicBoolean();
        ControlRegistry registry = new ControlRegistry(hurried::countDown)
                .registerLasting("ping", Access.ANYONE, arguments -> Map.of("pong", true))
                .register("look", Access.ANYONE, arguments -> Map.of())
                .register("wait", Access.ANYONE, arguments -> {
                    begun.countDown();
                    awaitHurry(hurried);
                    done.set(true);
                    return Map.of("waited", true);
                });
        try (ControlServer open = ControlServer.start(closing, registry)) {
            FutureTask<JsonObject> waiting =
                    new FutureTask<>(() -> ControlClient.ask(open.socket(), "wait", Map.of(), PATIENCE));
            new Thread(waiting).start();
            begun.await();

            registry.close();

            assertTrue(done.get(), "closed while a verb was under way");
            assertTrue(waiting.get().getBoolean("waited"));
            ControlException e = assertThrows(
                    ControlException.class, () -> ControlClient.ask(open.socket(), "look", Map.of(), PATIENCE));
            assertEquals("ESHUTDOWN", e.code());
            assertTrue(
                    ControlClient.ask(open.socket(), "ping", Map.of(), PATIENCE).getBoolean("pong"));
        }
    }

    private static void awaitHurry(CountDownLatch hurried) {
        try {
            assertTrue(hurried.await(10, TimeUnit.SECONDS), "nobody hurries");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
