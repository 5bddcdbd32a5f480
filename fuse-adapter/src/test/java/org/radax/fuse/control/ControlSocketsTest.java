package org.radax.fuse.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.os.LibC;

final class ControlSocketsTest {
    @TempDir
    private Path directory;

    @Test
    void shouldFollowUserAndEnvironment() {
        Path mnt = Path.of("/mnt");

        assertEquals(Path.of("/run/radax"), parent(ControlSockets.of(Map.of("XDG_RUNTIME_DIR", "/x"), 0), mnt));
        assertEquals(Path.of("/x/radax"), parent(ControlSockets.of(Map.of("XDG_RUNTIME_DIR", "/x"), 1000), mnt));
        assertEquals(Path.of("/tmp/radax-1000"), parent(ControlSockets.of(Map.of(), 1000), mnt));
        assertEquals(Path.of("/o"), parent(ControlSockets.of(Map.of("RADAX_RUNTIME_DIR", "/o"), 0), mnt));
    }

    @Test
    void shouldNameSocketsAfterMountPoints() {
        ControlSockets sockets = new ControlSockets(directory, false);

        assertNotEquals(sockets.forMountPoint(Path.of("/a")), sockets.forMountPoint(Path.of("/b")));
        assertTrue(sockets.forMountPoint(Path.of("/" + "long/".repeat(500)))
                        .toString()
                        .length()
                < 108);
    }

    @Test
    void shouldMakeAPrivateDirectory() throws Exception {
        ControlSockets sockets = new ControlSockets(directory.resolve("run/radax"), false);

        Path made = sockets.makeDirectory();

        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        assertEquals(made, sockets.makeDirectory());
    }

    @Test
    void shouldFindExistingSocketsOnly() throws Exception {
        ControlSockets sockets = new ControlSockets(directory, false);
        Path socket = sockets.forMountPoint(Path.of("/a"));
        int user = LibC.INSTANCE.geteuid();
        assertEquals(List.of(), sockets.candidates(Path.of("/a"), user));

        Files.createFile(socket);

        assertEquals(List.of(socket), sockets.candidates(Path.of("/a"), user));
        assertEquals(List.of(), sockets.candidates(Path.of("/a"), user + 1), "of a mount of somebody else");
        assertTrue(sockets.all().contains(socket));
    }

    @Test
    void shouldNotTakeASocketThatIsBeingMadeForADeadOne() throws Exception {
        ControlSockets sockets = new ControlSockets(directory, false);
        AtomicBoolean ended = new AtomicBoolean();
        Thread tidier = new Thread(() -> {
            while (!ended.get()) {
                sockets.removeDead();
            }
        });
        tidier.start();
        try {
            for (int i = 0; i < 2000; i++) {
                Path socket = sockets.forMountPoint(Path.of("/" + i));
                try (ControlServer server = ControlServer.start(socket, new ControlRegistry(() -> {}))) {
                    assertTrue(Files.exists(server.socket()), "start " + i);
                }
            }
        } finally {
            ended.set(true);
            tidier.join();
        }
    }

    @Test
    void shouldRemoveDeadSocketsOnly() throws Exception {
        ControlSockets sockets = new ControlSockets(directory, false);
        Path dead = sockets.forMountPoint(Path.of("/dead"));
        Path living = sockets.forMountPoint(Path.of("/living"));
        // Bound and closed without being removed, as a killed daemon leaves it.
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(dead));
        }
        try (ControlServer server = ControlServer.start(living, new ControlRegistry(() -> {}))) {
            sockets.removeDead();

            assertFalse(Files.exists(dead));
            assertTrue(Files.exists(server.socket()));
        }
    }

    private static Path parent(ControlSockets sockets, Path mountPoint) {
        return sockets.forMountPoint(mountPoint).getParent();
    }
}
