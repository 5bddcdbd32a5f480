package org.radax.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mounting as somebody else, through fusermount3: in a mount namespace of its own, with a /dev/fuse for all, as
 * distributions have it. Needs root (to become somebody else), util-linux and fuse3.
 */
@Timeout(120)
final class UnprivilegedMountTest {
    private static final String NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    @TempDir
    Path directory;

    @Test
    void shouldMountUnmountAndCleanUpThroughFusermount() throws Exception {
        Path mountPoint = Files.createDirectory(directory.resolve("mnt"));
        String server = NOBODY + " " + ProcessHandle.current().info().command().orElseThrow()
                + " --add-exports java.base/jdk.internal.misc=ALL-UNNAMED"
                + " --add-opens java.base/jdk.internal.misc=ALL-UNNAMED -Djnr.ffi.x86asm.enabled=false -cp "
                + readableClassPath() + " " + NobodyMain.class.getName() + " " + mountPoint;
        Path script = Files.writeString(
                directory.resolve("script"),
                String.join(
                        "\n",
                        "cd " + directory,
                        "mknod device c 10 229; chmod 666 device; mount --bind device /dev/fuse",
                        "chmod 755 .; chown 65534 mnt",
                        "start() { " + server + " > log 2>&1 & pid=$!;",
                        "  for i in $(seq 200); do grep -qs SessionInfo log && return; sleep 0.1; done; cat log; }",
                        "start; grep ' '$PWD/mnt' ' /proc/mounts | cut -d' ' -f1,3",
                        NOBODY + " stat -c %F mnt",
                        NOBODY + " touch mnt/f; " + NOBODY + " setfacl -m u:1:r mnt/f",
                        "kill -9 $pid; wait $pid 2>/dev/null; " + NOBODY + " ls mnt",
                        "start; " + NOBODY + " ls mnt; " + NOBODY + " fusermount3 -u mnt; wait; tail -1 log",
                        "grep -c ' '$PWD/mnt' ' /proc/mounts"));
        Shell.Result result = Shell.run("unshare -m --propagation private bash " + script + " 2>&1");
        List<String> lines = result.output().lines().toList();
        assertEquals("the,pool fuse.radax", lines.get(0), result.output());
        assertEquals("directory", lines.get(1));
        assertTrue(lines.get(2).endsWith("Operation not supported"), "an ACL that nobody enforces: " + lines.get(2));
        assertTrue(lines.stream().anyMatch(line -> line.contains("endpoint is not connected")), result.output());
        assertEquals(List.of("ended", "0"), lines.subList(lines.size() - 2, lines.size()), result.output());
    }

    /** Copies, because nobody may read the home of who runs the build. */
    private String readableClassPath() throws IOException {
        Path copy = Files.createDirectory(directory.resolve("cp"));
        List<String> entries = new ArrayList<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path target = copy.resolve(String.valueOf(entries.size()));
            if (entry.endsWith(".jar")) {
                target = copy.resolve(entries.size() + ".jar");
                Files.copy(Path.of(entry), target);
            } else {
                copyTree(Path.of(entry), target);
            }
            entries.add(target.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path source : (Iterable<Path>) all::iterator) {
                Files.copy(source, to.resolve(from.relativize(source)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
