package org.radax.it;

import static java.nio.file.StandardOpenOption.READ;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.it.harness.DaxProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** {@code radax freeze} and {@code radax thaw}. */
@Timeout(180)
final class FreezeIT {
    /** More than there are server threads. */
    private static final int WAITERS = 24;

    private static final String THREADS = "--threads=4";

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
    }

    private static Process shell(Path directory, String command) throws IOException {
        return new ProcessBuilder("sh", "-c", command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static Run freeze(Volume volume, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("freeze", volume.directory().toString()));
        command.addAll(List.of(options));
        return Volume.radax(command.toArray(new String[0]));
    }

    private static Run thaw(Volume volume) throws Exception {
        return Volume.radax("thaw", volume.directory().toString());
    }

    private static Path copy(Volume volume, String name) throws Exception {
        Path copy = volume.scratch().resolve(name);
        Run.of("cp", "--sparse=always", volume.pool().toString(), copy.toString())
                .ok();
        return copy;
    }

    private static void assertSame(Path one, Path other) throws Exception {
        Run.of("cmp", one.toString(), other.toString()).ok();
    }

    /** A copy mounts with nothing to recover, and has a file with this text. */
    private static void assertHolds(Volume volume, Path copy, String name, String text) throws Exception {
        Volume.radax("fsck", "-n", copy.toString()).ok();
        Path mountPoint = Files.createDirectory(volume.scratch().resolve("mnt" + copy.getFileName()));
        Volume.radax("mount", copy.toString(), mountPoint.toString()).ok();
        try {
            assertEquals(text, Files.readString(mountPoint.resolve(name)));
            String info = Volume.radax("info", mountPoint.toString()).ok().out();
            assertFalse(info.contains("replayed"), info);
        } finally {
            Volume.radax("umount", mountPoint.toString()).ok();
        }
    }

    @Test
    @Tag("smoke")
    void shouldHoldUpChangesAndNothingElse() throws Exception {
        try (Volume volume = Volume.mounted("128M", THREADS)) {
            Path directory = volume.directory();
            Files.writeString(directory.resolve("file"), "before");
            Path quiet = Files.createDirectory(directory.resolve("quiet"));
            freeze(volume).ok();
            assertTrue(Volume.radax("info", directory.toString()).ok().out().contains("frozenUntil"));
            Path first = copy(volume, "first");
            List<Process> waiting = new ArrayList<>();
            for (int i = 0; i < WAITERS; i++) {
                String command = switch (i % 6) {
                    case 0 -> "echo after > new" + i;
                    case 1 -> "mkdir dir" + i;
                    case 2 -> "echo after > file";
                    case 3 -> "ln file link" + i;
                    case 4 -> "touch -d 2001-01-01 file";
                    default -> "chmod 600 file";
                };
                waiting.add(shell(directory, command));
            }
            Thread.sleep(1000);
            waiting.forEach(process -> assertTrue(process.isAlive()));

            // There are server threads left for these.
            assertEquals("before", Files.readString(directory.resolve("file")));
            // Not of a directory in which names wait to be made: the kernel has that locked.
            assertEquals("", Run.of("ls", "-A", quiet.toString()).ok().out());
            Run.of("stat", "-f", directory.toString()).ok();
            Run.of("sync", "-f", directory.toString()).ok();
            Volume.radax("sync", directory.toString()).ok();
            assertSame(first, copy(volume, "second"));
            assertHolds(volume, first, "file", "before");
            freeze(volume).refused(1, "frozen already");

            thaw(volume).ok();
            for (Process process : waiting) {
                assertEquals(0, process.waitFor());
            }
            assertEquals("after\n", Files.readString(directory.resolve("file")));
            assertTrue(Files.isDirectory(directory.resolve("dir1")));
            thaw(volume).refused(1, "not frozen");
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldThawByItself() throws Exception {
        try (Volume volume = Volume.mounted("64M", THREADS)) {
            freeze(volume, "--limit=0").refused(1, "limitSeconds");
            freeze(volume).ok();
            Volume.radax("mount", "-o", "remount,ro", volume.directory().toString())
                    .refused(32, "thaw");
            thaw(volume).ok();
            freeze(volume, "--limit=1").ok();
            assertEquals(0, shell(volume.directory(), "echo x > file").waitFor());
            thaw(volume).refused(1, "not frozen");
        }
    }

    @Test
    void shouldLetTheKilledGo() throws Exception {
        try (Volume volume = Volume.mounted("64M", THREADS)) {
            freeze(volume).ok();
            List<Process> waiting = new ArrayList<>();
            for (int i = 0; i < WAITERS; i++) {
                waiting.add(shell(volume.directory(), "exec mkdir dir" + i));
            }
            Thread.sleep(1000);
            // All of them first: one that waits in the kernel for another's request dies after that.
            waiting.forEach(Process::destroyForcibly);
            for (Process process : waiting) {
                assertTrue(process.waitFor(30, TimeUnit.SECONDS), "a killed process waits for the thaw");
            }
            thaw(volume).ok();
            assertEquals("", Run.of("ls", volume.directory().toString()).ok().out());
        }
    }

    @Test
    void shouldFreeWhatWasClosedMeanwhile() throws Exception {
        try (Volume volume = Volume.mounted("128M")) {
            Path file = volume.directory().resolve("file");
            long free = volume.info().getObject("usage").getLong("freeBlocks");
            Files.write(file, new byte[8 << 20]);
            Path first;
            try (FileChannel open = FileChannel.open(file, READ)) {
                Files.delete(file);
                assertEquals(8 << 20, open.size());
                freeze(volume).ok();
                first = copy(volume, "first");
            }
            // The kernel tells of the last close when it likes.
            Thread.sleep(500);
            assertSame(first, copy(volume, "second"));
            thaw(volume).ok();
            for (int i = 0; i < 100 && volume.info().getObject("usage").getLong("freeBlocks") < free; i++) {
                Thread.sleep(100);
            }
            assertTrue(volume.info().getObject("usage").getLong("freeBlocks") >= free);
        }
    }

    @Test
    void shouldEndWhileFrozen() throws Exception {
        try (Volume volume = Volume.mounted("64M", THREADS)) {
            long pid = volume.daemonPid();
            freeze(volume).ok();
            Process waiting = shell(volume.directory(), "echo x > file");
            Thread.sleep(300);
            Run.of("kill", "-TERM", Long.toString(pid)).ok();
            assertTrue(ProcessHandle.of(pid)
                    .map(ProcessHandle::onExit)
                    .orElse(CompletableFuture.completedFuture(null))
                    .thenApply(ended -> true)
                    .get(60, TimeUnit.SECONDS));
            waiting.waitFor();
            volume.fsckClean();
        }
    }

    @Test
    void shouldHoldUpStores() throws Exception {
        Environment.needsKernelTransport("mapping files onto the pool");
        try (Volume volume = Volume.mounted("128M", "--dax=always")) {
            Path file = volume.directory().resolve("file");
            Files.write(file, new byte[1 << 20]);
            try (DaxProgram storing = DaxProgram.start(file);
                    DaxProgram filling = DaxProgram.start(file);
                    DaxProgram reading = DaxProgram.start(file)) {
                Run.of("truncate", "-s", "4M", file.toString()).ok();
                for (DaxProgram program : List.of(storing, filling, reading)) {
                    assertEquals("mapped", program.ask("map 0 4194304"));
                }
                storing.ask("put 4096 1");
                freeze(volume).ok();
                Path first = copy(volume, "first");
                CompletableFuture<String> stored = later(storing, "put 4096 2");
                CompletableFuture<String> filled = later(filling, "put 3000000 3");
                assertEquals("1", reading.ask("get 4096"));
                assertEquals("0", reading.ask("get 2000000"));
                Thread.sleep(500);
                assertFalse(stored.isDone());
                assertFalse(filled.isDone());
                assertSame(first, copy(volume, "second"));

                thaw(volume).ok();
                stored.get(60, TimeUnit.SECONDS);
                filled.get(60, TimeUnit.SECONDS);
                assertEquals("2", reading.ask("get 4096"));
                assertEquals("3", reading.ask("get 3000000"));
                // And stores are told again: of both, and of those that come now.
                storing.ask("force");
                storing.ask("put 8192 4");
                String dirty = Volume.radax("dirty", file.toString()).ok().out();
                assertTrue(dirty.contains("8192"), dirty);
                assertFalse(dirty.contains("3000000"), dirty);
            }
            assertArrayEquals(new byte[] {2, 0}, read(file, 4096));
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldNameAClientThatCanNotBeHeldUp() throws Exception {
        Environment.needsKernelTransport("mapping files onto the pool");
        try (Volume volume = Volume.mountedFromFile("64M", "--dax=always")) {
            Path file = volume.directory().resolve("file");
            Files.write(file, new byte[1 << 20]);
            freeze(volume).ok();
            thaw(volume).ok();
            try (DaxProgram program = DaxProgram.start(file)) {
                program.ask("map 0 1048576");
                program.ask("put 4096 1");
                freeze(volume).refused(1, "process " + program.pid() + " of user 0", "tmpfs");
                // Nothing is held up, and stores are told as before.
                program.ask("force");
                program.ask("put 8192 1");
                String dirty = Volume.radax("dirty", file.toString()).ok().out();
                assertTrue(dirty.contains("8192"), dirty);
                Files.writeString(volume.directory().resolve("other"), "x");
            }
        }
    }

    private static byte[] read(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ)) {
            ByteBuffer two = ByteBuffer.allocate(2);
            channel.read(two, offset);
            return two.array();
        }
    }

    private static CompletableFuture<String> later(DaxProgram program, String order) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return program.ask(order);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
