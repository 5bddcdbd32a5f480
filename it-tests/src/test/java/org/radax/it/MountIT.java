package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Mounting and unmounting as a person does it. */
final class MountIT {
    @BeforeEach
    void needMount() {
        Environment.needsMount();
    }

    @Test
    @Tag("smoke")
    void shouldServeWhenMountReturnsAndBeClosedWhenUmountReturns() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            long pid = volume.daemonPid();
            assertTrue(Volume.isMountPoint(volume.directory()));
            Files.writeString(volume.directory().resolve("a"), "x");

            volume.unmount();

            assertFalse(Volume.isMountPoint(volume.directory()));
            assertTrue(ended(pid));
            volume.fsckClean();
            volume.mount();
            assertEquals("x", Files.readString(volume.directory().resolve("a")));
        }
    }

    @Test
    @Tag("smoke")
    void shouldNotHoldTheCallersPipe() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Run.of(
                            "bash",
                            "-c",
                            "out=$(timeout 60 '" + Environment.launcher() + "' mount '" + volume.pool() + "' '"
                                    + volume.directory() + "' 2>&1) && [ -z \"$out\" ]")
                    .ok();
            assertTrue(Volume.isMountPoint(volume.directory()));
        }
    }

    @Test
    void shouldShowTheSourceAsGiven() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            assertTrue(mountLine(volume).startsWith(volume.pool() + " "), mountLine(volume));
            assertTrue(mountLine(volume).contains(" fuse.radax "), mountLine(volume));
        }
    }

    @Test
    void shouldRefuseASecondMountByWhateverLink() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            String pid = Long.toString(volume.daemonPid());
            Path other = Files.createDirectory(volume.scratch().resolve("other"));
            Path hard = Files.createLink(volume.scratch().resolve("hard"), volume.pool());
            Path soft = Files.createSymbolicLink(volume.scratch().resolve("soft"), volume.pool());

            for (Path pool : List.of(volume.pool(), hard, soft)) {
                Volume.radax("mount", pool.toString(), other.toString()).refused(32, "in use", pid);
                Volume.radax("fsck", "-y", pool.toString()).refused(8, "in use", pid);
                assertFalse(Volume.isMountPoint(other));
            }
        }
    }

    @Test
    void shouldRefuseToUnmountWhatIsInUse() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path file = volume.directory().resolve("open");
            try (FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                Volume.radax("umount", volume.directory().toString()).refused(32, "busy");
                assertTrue(open.isOpen());
                assertTrue(Volume.isMountPoint(volume.directory()));
            }
        }
    }

    @Test
    void shouldMountReadOnly() throws Exception {
        try (Volume volume = Volume.mounted("64M", "-o", "ro")) {
            assertTrue(options(volume).contains("ro"));
            Run.of("touch", volume.directory().resolve("a").toString()).code(1);
            assertEquals(true, volume.info().getBoolean("readOnly"));
        }
    }

    @Test
    @Tag("smoke")
    void shouldRemountBothWays() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            String directory = volume.directory().toString();
            Path file = volume.directory().resolve("a");

            Volume.radax("mount", "-o", "remount,ro", directory).ok();
            assertTrue(options(volume).contains("ro"));
            Run.of("touch", file.toString()).code(1);

            Volume.radax("mount", "-o", "remount,rw", directory).ok();
            assertTrue(options(volume).contains("rw"));
            Run.of("touch", file.toString()).ok();
            Volume.radax("mount", "-o", "remount,cache=none", directory).refused(1, "cache=none");
        }
    }

    @Test
    void shouldSetTheKernelsFlags() throws Exception {
        try (Volume volume = Volume.mounted("64M", "-o", "noatime,nosuid,nodev,noexec")) {
            List<String> options = options(volume);
            assertTrue(options.containsAll(List.of("noatime", "nosuid", "nodev", "noexec")), options.toString());
        }
    }

    @Test
    void shouldEndCleanlyOnSignals() throws Exception {
        for (String signal : List.of("INT", "TERM")) {
            try (Volume volume = Volume.formatted("64M")) {
                // As from a script in the background, which ignores SIGINT.
                String mount = "trap '' INT; exec \"$@\"";
                String launcher = Environment.launcher().toString();
                String pool = volume.pool().toString();
                Run.of(
                                "bash",
                                "-c",
                                mount,
                                "-",
                                launcher,
                                "mount",
                                pool,
                                volume.directory().toString())
                        .ok();
                long pid = volume.daemonPid();
                Files.writeString(volume.directory().resolve("a"), signal);

                Run.of("kill", "-" + signal, Long.toString(pid)).ok();

                assertTrue(ended(pid), signal);
                assertFalse(Volume.isMountPoint(volume.directory()), signal);
                volume.fsckClean();
                volume.mount();
                assertEquals(signal, Files.readString(volume.directory().resolve("a")));
            }
        }
    }

    @Test
    void shouldCutOffWhoStillUsesItOnASignal() throws Exception {
        try (Volume volume = Volume.mounted("64M", "--cache=writeback")) {
            long pid = volume.daemonPid();
            Path file = volume.directory().resolve("a");
            FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            open.write(ByteBuffer.wrap("kept".getBytes(StandardCharsets.UTF_8)));

            Run.of("kill", "-TERM", Long.toString(pid)).ok();

            assertTrue(ended(pid));
            assertFalse(Volume.isMountPoint(volume.directory()));
            assertThrows(IOException.class, () -> open.force(true));
            assertThrows(IOException.class, open::close);
            volume.fsckClean();
            volume.mount();
            assertEquals("kept", Files.readString(file));
        }
    }

    @Test
    void shouldEndWithTheSystemsUmount() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            long pid = volume.daemonPid();

            Run.of("umount", volume.directory().toString()).ok();

            assertTrue(ended(pid));
            volume.fsckClean();
        }
    }

    /**
     * umount(8) returns when the kernel let go, not when the pool is closed: who comes next waits for that. Here this
     * process holds the pool as a daemon does that is about to close it.
     */
    @Test
    void shouldMountAndCheckAPoolThatIsAboutToBeClosed() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            holdForAWhile(volume.pool());
            volume.mount();
            volume.unmount();
            holdForAWhile(volume.pool());
            volume.fsckClean();
        }
    }

    private static void holdForAWhile(Path pool) throws IOException {
        FileChannel channel = FileChannel.open(pool, StandardOpenOption.WRITE);
        channel.lock();
        new Thread(() -> {
                    try (channel) {
                        Thread.sleep(2000);
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start();
    }

    /** As a container that was started meanwhile does. */
    @Test
    void shouldSayWhoHasACopyOfTheMount() throws Exception {
        Environment.needsMount();
        try (Volume volume = Volume.mounted("64M")) {
            Files.writeString(volume.directory().resolve("f"), "text");
            long daemon = volume.daemonPid();
            Process other = new ProcessBuilder("unshare", "-m", "sh", "-c", "echo there; exec sleep 600")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                assertEquals("there", other.inputReader().readLine());
                Volume.radax("umount", volume.directory().toString())
                        .refused(32, "process " + other.pid() + " (sleep)", "namespace");
                assertFalse(Volume.isMountPoint(volume.directory()));
            } finally {
                other.destroyForcibly().waitFor();
            }
            ProcessHandle.of(daemon).ifPresent(process -> process.onExit().join());
            volume.fsckClean();
        }
    }

    @Test
    void shouldStayInFrontWhenAsked() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Process front = new ProcessBuilder(
                            Environment.launcher().toString(),
                            "mount",
                            "-f",
                            volume.pool().toString(),
                            volume.directory().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(volume.scratch().resolve("out").toFile())
                    .start();
            try {
                for (int i = 0; i < 1_200 && !Volume.isMountPoint(volume.directory()); i++) {
                    Thread.sleep(50);
                }
                assertTrue(Volume.isMountPoint(volume.directory()));
                assertEquals(front.pid(), volume.daemonPid(), "the launcher became the daemon");
                front.destroy();
                assertTrue(front.waitFor(60, TimeUnit.SECONDS));
                assertEquals(0, front.exitValue());
                assertFalse(Volume.isMountPoint(volume.directory()));
            } finally {
                front.destroyForcibly();
            }
        }
    }

    @Test
    void shouldLogWhereInfoSays() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path log = Path.of(volume.info().getObject("mount").getString("log"));
            assertTrue(Files.readString(log).contains("mounted at " + volume.directory()));
        }
    }

    @Test
    void shouldDescribeItselfByPoolAndByDirectory() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            JsonObject info = volume.info();
            String byPool = Volume.radax("info", "--json", volume.pool().toString())
                    .ok()
                    .out();

            assertEquals(64L << 20, info.getLong("sizeBytes"));
            assertTrue(byPool.contains(info.getString("uuid")));
            Volume.radax("info", volume.directory().toString()).ok();
            volume.unmount();
            assertTrue(Volume.radax("info", "--json", volume.pool().toString())
                    .ok()
                    .out()
                    .contains(info.getString("uuid")));
            for (String[] what :
                    new String[][] {{"super"}, {"group", "0"}, {"inode", "1"}, {"dir", "/"}, {"journal"}}) {
                String[] command = new String[what.length + 3];
                command[0] = "dump";
                command[1] = volume.pool().toString();
                System.arraycopy(what, 0, command, 2, what.length);
                command[command.length - 1] = "--json";
                assertTrue(Volume.radax(command).ok().out().strip().endsWith("}"));
            }
        }
    }

    @Test
    void shouldWorkAsMountsHelper() throws Exception {
        Path helper = Path.of("/sbin/mount.fuse.radax");
        boolean linked = !Files.exists(helper);
        if (linked) {
            Files.createSymbolicLink(helper, Environment.launcher());
        }
        try (Volume volume = Volume.formatted("64M")) {
            String directory = volume.directory().toString();
            Run.of(
                            "mount",
                            "-t",
                            "fuse.radax",
                            "-o",
                            "noatime,nofail,x-test=1",
                            volume.pool().toString(),
                            directory)
                    .ok();
            assertTrue(options(volume).contains("noatime"));
            Run.of("mount", "-o", "remount,ro", directory).ok();
            assertTrue(options(volume).contains("ro"));
            Run.of("umount", directory).ok();

            Run refused = Run.of(
                    "mount",
                    "-t",
                    "fuse.radax",
                    "-o",
                    "frobnicate",
                    volume.pool().toString(),
                    directory);
            assertTrue(refused.code() != 0 && refused.err().contains("frobnicate"), refused.toString());
            assertFalse(Volume.isMountPoint(volume.directory()));
        } finally {
            if (linked) {
                Files.delete(helper);
            }
        }
    }

    @Test
    void shouldMountADeadMountPointAgain() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Run.of("kill", "-KILL", Long.toString(volume.daemonPid())).ok();
            assertTrue(Run.of("ls", volume.directory().toString()).code() != 0);

            volume.mount();

            Run.of("ls", volume.directory().toString()).ok();
        }
    }

    @Test
    void shouldWorkThroughALinkFromAnywhere() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Path link = Files.createSymbolicLink(volume.scratch().resolve("my-radax"), Environment.launcher());
            Path parent = volume.directory().getParent();
            Run.of(parent, Map.of(), List.of(link.toString(), "mount", "it.pool", "mnt"))
                    .ok();
            assertTrue(Volume.isMountPoint(volume.directory()));
            assertTrue(mountLine(volume).startsWith(volume.pool() + " "));
        }
    }

    @Test
    void shouldStartQuickly() throws Exception {
        Path work = Files.createTempDirectory("radax-quick");
        Path directory = work.resolve("mnt");
        try {
            Run run = Run.in(work, Environment.launcher().toString(), "quickstart")
                    .ok();
            assertTrue(run.out().contains(directory.toString()), run.out());
            assertTrue(Volume.isMountPoint(directory));
            Run.in(work, Environment.launcher().toString(), "quickstart").ok();
            Volume.radax("umount", directory.toString()).ok();
        } finally {
            if (Volume.isMountPoint(directory)) {
                Run.of("umount", "-l", directory.toString());
            }
            Run.of("bash", "-c", "rm -f /dev/shm/radax-*-" + work.getFileName() + "-mnt.pool");
            Run.of("rm", "-r", work.toString());
        }
    }

    private static boolean ended(long pid) throws InterruptedException {
        for (int i = 0; i < 6_000; i++) {
            Optional<ProcessHandle> process = ProcessHandle.of(pid);
            if (process.isEmpty() || isZombie(pid)) {
                return true;
            }
            Thread.sleep(10);
        }
        return false;
    }

    private static boolean isZombie(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "stat"))
                    .contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    private static String mountLine(Volume volume) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.split(" ", -1)[1].equals(volume.directory().toString()))
                .findFirst()
                .orElse("not mounted");
    }

    private static List<String> options(Volume volume) throws IOException {
        return List.of(mountLine(volume).split(" ", -1)[3].split(",", -1));
    }
}
