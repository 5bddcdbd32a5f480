package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.core.error.Errno;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Volume;

/**
 * What an NFS server lives on: a handle taken of a file opens that file whatever happened to mounts and names, and
 * never another one. Needs root (CAP_DAC_READ_SEARCH).
 */
final class FileHandlesIT {
    private Volume volume;
    private Path root;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        Environment.needsMount();
        Environment.needsKernelTransport("handles that last");
        volume = Volume.mounted("64M");
        root = volume.directory();
    }

    @AfterEach
    void close() throws IOException {
        if (volume != null) {
            volume.close();
        }
    }

    private interface Interruption {
        void happen() throws Exception;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenTheSameFileAfterTheNextMount(boolean killed) throws Exception {
        Path deep = Files.createDirectories(root.resolve("a/b/c"));
        Path file = Files.writeString(deep.resolve("file"), "content");
        Path other = Files.writeString(root.resolve("other"), "other");
        Files.createSymbolicLink(deep.resolve("link"), Path.of("file"));
        Map<Path, byte[]> handles = new LinkedHashMap<>();
        for (Path path : List.of(deep, deep.getParent(), deep.resolve("link"), root)) {
            handles.put(path, handle(path));
        }
        byte[] ofFile = handle(file);
        byte[] ofOther = handle(other);
        Files.move(other, deep.resolve("moved"));
        Files.move(root.resolve("a"), root.resolve("z"));

        Interruption interruption = killed ? this::killAndMount : volume::cycle;
        interruption.happen();

        // The file first, before anything else was looked up.
        assertEquals("content", read(ofFile));
        assertEquals("other", read(ofOther));
        for (Map.Entry<Path, byte[]> entry : handles.entrySet()) {
            Path now = Path.of(entry.getKey().toString().replace(root + "/a", root + "/z"));
            // Of a directory the kernel finds the way up to the root.
            withOpen(entry.getValue(), Posix.O_PATH, opened -> {
                if (Files.isDirectory(now)) {
                    assertEquals(now, Files.readSymbolicLink(opened));
                }
            });
            assertArrayEquals(entry.getValue(), handle(now), now.toString());
        }
        withOpen(handles.get(deep), Posix.O_RDONLY, opened -> {
            try (Stream<Path> names = Files.list(opened)) {
                assertEquals(3, names.count());
            }
        });
        assertArrayEquals(ofFile, handle(root.resolve("z/b/c/file")));
    }

    @Test
    void shouldNotTakeAnotherFileForARemovedOne() throws Exception {
        Path file = Files.writeString(root.resolve("file"), "content");
        byte[] handle = handle(file);
        Object inode = Files.getAttribute(file, "unix:ino");
        Path directory = Files.createDirectory(root.resolve("directory"));
        byte[] ofDirectory = handle(directory);
        Files.delete(file);
        Files.delete(directory);
        awaitStale(handle);
        awaitStale(ofDirectory);

        Path heir = root.resolve("heir0");
        for (int i = 0;
                Files.notExists(heir) || !Files.getAttribute(heir, "unix:ino").equals(inode);
                i++) {
            assertTrue(i < 1_000, "inode " + inode + " is not used again");
            heir = Files.writeString(root.resolve("heir" + i), "heir");
        }

        assertStale(handle);
        assertEquals("heir", read(handle(heir)));
        volume.cycle();
        assertStale(handle);
        assertStale(ofDirectory);
        assertEquals("heir", read(handle(heir)));
    }

    @Test
    void shouldOpenARemovedFileAsLongAsSomebodyHasIt() throws Exception {
        Path file = Files.writeString(root.resolve("file"), "content");
        byte[] handle = handle(file);
        withOpen(handle, Posix.O_RDWR, opened -> {
            Files.delete(file);
            assertEquals("content", read(handle));
        });
        awaitStale(handle);
        volume.unmount();
        volume.fsckClean();
        volume.mount();
        assertStale(handle);
    }

    /** What a client sends is not to be trusted. */
    @Test
    void shouldRefuseForgedHandles() throws Exception {
        byte[] handle = handle(Files.writeString(root.resolve("file"), "content"));
        long inode = (Long) Files.getAttribute(root.resolve("file"), "unix:ino");
        // Linux puts the inode's number first, as two words, high or low first.
        ByteBuffer words = ByteBuffer.wrap(handle).order(ByteOrder.nativeOrder());
        int low = words.getInt(8) == (int) inode ? 8 : 12;
        assertEquals((int) inode, words.getInt(low));
        for (long forged : new long[] {0, 2, 15, 16, inode + 1, inode + 16, 1L << 31, 1L << 40, -1, Long.MIN_VALUE}) {
            words.putInt(low, (int) forged).putInt(20 - low, (int) (forged >>> 32));
            assertStale(handle);
        }
        words.putInt(low, (int) inode).putInt(20 - low, 0);
        assertEquals("content", read(handle));
        words.putInt(16, words.getInt(16) + 1);
        assertStale(handle);
    }

    private void killAndMount() throws IOException, InterruptedException {
        assertTrue(ProcessHandle.of(volume.daemonPid()).orElseThrow().destroyForcibly());
        volume.mount();
    }

    private static byte[] handle(Path path) {
        byte[] handle = new byte[8 + 128];
        ByteBuffer.wrap(handle).order(ByteOrder.nativeOrder()).putInt(128);
        int[] mountId = new int[1];
        int result = Posix.LIBC.name_to_handle_at(Posix.AT_FDCWD, path.toString(), handle, mountId, 0);
        assertEquals(0, result, () -> path + ": errno " + Posix.errno());
        return Arrays.copyOf(
                handle,
                8 + ByteBuffer.wrap(handle).order(ByteOrder.nativeOrder()).getInt());
    }

    /** A descriptor or a negated error number. */
    private int open(byte[] handle, int flags) {
        int mount = Posix.LIBC.open(root.toString(), Posix.O_RDONLY, 0);
        assertTrue(mount >= 0, () -> root + ": errno " + Posix.errno());
        int fd = Posix.LIBC.open_by_handle_at(mount, handle, flags);
        int result = fd >= 0 ? fd : -Posix.errno();
        Posix.LIBC.close(mount);
        return result;
    }

    private interface Use {
        /** {@code opened} is the descriptor's link in /proc. */
        void of(Path opened) throws IOException;
    }

    private void withOpen(byte[] handle, int flags, Use use) throws IOException {
        int fd = open(handle, flags);
        assertTrue(fd >= 0, () -> "errno " + -fd);
        try {
            use.of(Path.of("/proc/self/fd/" + fd));
        } finally {
            Posix.LIBC.close(fd);
        }
    }

    private String read(byte[] handle) throws IOException {
        StringBuilder content = new StringBuilder();
        withOpen(handle, Posix.O_RDONLY, opened -> {
            int fd = Integer.parseInt(opened.getFileName().toString());
            byte[] buffer = new byte[100];
            int got = (int) Posix.LIBC.pread(fd, buffer, buffer.length, 0);
            content.append(new String(buffer, 0, got, StandardCharsets.UTF_8));
        });
        return content.toString();
    }

    /** The kernel keeps a removed file until the server has answered the last close, which nobody waits for. */
    private void awaitStale(byte[] handle) throws InterruptedException {
        for (int fd = open(handle, Posix.O_PATH), i = 0; fd >= 0 && i < 6_000; fd = open(handle, Posix.O_PATH), i++) {
            Posix.LIBC.close(fd);
            Thread.sleep(10);
        }
        assertStale(handle);
    }

    private void assertStale(byte[] handle) {
        int result = open(handle, Posix.O_RDONLY);
        if (result >= 0) {
            Posix.LIBC.close(result);
        }
        assertEquals(-Errno.ESTALE.number(), result);
    }
}
