package org.radax.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.radax.fuse.MemoryFileSystem;

/** A real mount, tried with real tools. */
@Timeout(60)
final class MountedTest {
    @TempDir
    Path directory;

    @Test
    void shouldServeFilesUntilUnmounted() throws Exception {
        MemoryFileSystem fs = new MemoryFileSystem();
        byte[] data = new byte[3 << 20];
        new Random(1).nextBytes(data);
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "the pool,1"));
        try {
            assertEquals("the pool,1", MountPoints.find(directory).orElseThrow().source());
            Path file = directory.resolve("a");
            Files.write(file, data);
            assertArrayEquals(data, Files.readAllBytes(file));
            Files.createDirectory(directory.resolve("d"));
            Files.move(file, directory.resolve("d/b"));
            assertArrayEquals(data, Files.readAllBytes(directory.resolve("d/b")));
            assertEquals(
                    0,
                    Shell.run("ls -laR " + directory + " && stat " + directory + "/d/b")
                            .status());
        } finally {
            mount.unmount();
        }
        assertFalse(mount.isMounted());
        assertTrue(MountPoints.find(directory).isEmpty());
        assertEquals(0, fs.openFiles());
    }

    @Test
    void shouldHoldLocksOfOtherProcesses() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        try {
            Path file = directory.resolve("lock");
            Files.write(file, "x".getBytes(StandardCharsets.UTF_8));
            Shell.Result result = Shell.run("flock " + file + " sleep 1 & sleep 0.3; flock -n " + file
                    + " true && echo wrong; flock " + file + " echo got; wait");
            assertEquals("got\n", result.output());
        } finally {
            mount.unmount();
        }
    }
}
