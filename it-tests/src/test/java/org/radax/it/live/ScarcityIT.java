package org.radax.it.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.error.Errno;
import org.radax.dax.DaxException;
import org.radax.dax.DaxFile;
import org.radax.it.harness.DaxProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** A daemon with little memory or few descriptors: who gets none is told so, and all others are served. */
@Timeout(600)
final class ScarcityIT {
    private static final int ENOMEM = Errno.ENOMEM.number();
    private static final int MOST_OPENERS = 60;
    private static final List<String> FEW_DESCRIPTORS = List.of("sh", "-c", "ulimit -n 64; exec \"$@\"", "sh");

    private static Map<String, String> heap(int mebibytes) {
        return Map.of("RADAX_JAVA_OPTS", "-Xms" + mebibytes + "m -Xmx" + mebibytes + "m");
    }

    private static Volume mounted(List<String> prefix, Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        Environment.needsMount();
        Volume volume = Volume.formatted("1G");
        boolean done = false;
        try {
            volume.mount(prefix, environment, List.of(options));
            done = true;
            return volume;
        } finally {
            if (!done) {
                volume.close();
            }
        }
    }

    private static long descriptors(Volume volume) throws IOException, InterruptedException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(volume.daemonPid()), "fd"))) {
            return open.count();
        }
    }

    private static void assertUsable(Volume volume) throws IOException {
        Path file = volume.directory().resolve("usable");
        byte[] content = "still".getBytes(StandardCharsets.UTF_8);
        Files.write(file, content);
        assertArrayEquals(content, Files.readAllBytes(file));
        Files.delete(file);
    }

    /** A tree, checksummed blocks, a large directory. */
    private static void work(Volume volume) throws IOException, InterruptedException {
        Path source = volume.scratch().resolve("source");
        Run.of("cp", "-r", Environment.project().resolve("fs-core/src").toString(), source.toString())
                .ok();
        Path copy = volume.directory().resolve("copy");
        Run.of("cp", "-r", source.toString(), copy.toString()).ok();
        Run.of("diff", "-r", source.toString(), copy.toString()).ok();
        if (Environment.hasProgram("fio")) {
            Run.of(
                            "fio",
                            "--name=v",
                            "--directory=" + volume.directory(),
                            "--rw=randwrite",
                            "--bs=4k",
                            "--size=16M",
                            "--verify=crc32c",
                            "--verify_fatal=1",
                            "--verify_state_save=0")
                    .ok();
        }
        Path many = Files.createDirectory(volume.directory().resolve("many"));
        int names = Environment.nightly() ? 100_000 : 10_000;
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < names; i++) {
            expected.add("name" + i);
            Files.createFile(many.resolve("name" + i));
        }
        Set<String> listed = new HashSet<>();
        try (Stream<Path> entries = Files.list(many)) {
            entries.forEach(entry -> listed.add(entry.getFileName().toString()));
        }
        assertEquals(expected, listed);
    }

    @Test
    void shouldDoWithAHeapOf64MebibytesAndFewDescriptors() throws Exception {
        try (Volume volume = mounted(FEW_DESCRIPTORS, heap(64))) {
            long before = descriptors(volume);
            work(volume);
            assertEquals(before, descriptors(volume));
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldRefuseWhatThereIsNoMemoryFor() throws Exception {
        try (Volume volume = mounted(List.of(), heap(16))) {
            Path file = Files.createFile(volume.directory().resolve("file"));
            long free = volume.info().getObject("usage").getLong("freeBlocks");
            List<Process> openers = new ArrayList<>();
            try {
                boolean refused = false;
                while (!refused && openers.size() < MOST_OPENERS) {
                    Process opener = new ProcessBuilder(Perl.command("open_until", file)).start();
                    openers.add(opener);
                    BufferedReader said = opener.inputReader(StandardCharsets.UTF_8);
                    refused = said.readLine().startsWith(ENOMEM + " ");
                }
                assertTrue(refused, openers.size() + " processes opened a file as often as they may");
                createMore(volume.directory());
            } finally {
                openers.forEach(Process::destroyForcibly);
            }
            for (Process opener : openers) {
                opener.waitFor();
            }
            awaitNoOpenFile(volume);
            assertUsable(volume);
            FileTrees.delete(volume.directory().resolve("more"));
            assertEquals(free, volume.info().getObject("usage").getLong("freeBlocks"));
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** With what is left of the memory: made or refused. */
    private static void createMore(Path directory) {
        try {
            Files.createDirectory(directory.resolve("more"));
            for (int i = 0; i < 200; i++) {
                Files.write(directory.resolve("more/file" + i), new byte[100]);
            }
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("Cannot allocate memory"), e::toString);
        }
    }

    private static void awaitNoOpenFile(Volume volume) throws IOException, InterruptedException {
        for (int i = 0; volume.info().getInt("openFiles") > 0; i++) {
            assertTrue(i < 600, "files stay open");
            Thread.sleep(100);
        }
    }

    @Test
    void shouldRefuseClientsThatThereAreNoDescriptorsFor() throws Exception {
        Environment.needsKernelTransport("mapping files onto the pool");
        try (Volume volume = mounted(FEW_DESCRIPTORS, Map.of(), "--dax=always")) {
            Path file = volume.directory().resolve("file");
            Files.write(file, new byte[4096]);
            long before = descriptors(volume);
            List<DaxProgram> clients = new ArrayList<>();
            try {
                String answer = "mapped";
                while (answer.equals("mapped") && clients.size() < 20) {
                    clients.add(DaxProgram.start(file));
                    answer = clients.get(clients.size() - 1).ask("map 0 4096");
                }
                assertEquals(DaxException.Reason.NOT_MAPPABLE_NOW.toString(), answer);
                assertTrue(clients.size() > 1, "not even one client is served");
                DaxException refusal = assertThrows(DaxException.class, () -> DaxFile.openForWriting(file));
                assertTrue(refusal.getMessage().contains("no descriptors"), refusal::getMessage);
                assertUsable(volume);
                DaxProgram first = clients.get(0);
                assertEquals("stored", first.ask("put 0 7"));
                assertEquals("forced", first.ask("force"));
                first.kill();
                // Served again, once the server has seen to what the first one left.
                answer = "";
                for (int i = 0; i < 60 && !answer.equals("mapped"); i++) {
                    clients.add(DaxProgram.start(file));
                    answer = clients.get(clients.size() - 1).ask("map 0 4096");
                }
                assertEquals("mapped", answer);
                assertEquals("7", clients.get(clients.size() - 1).ask("get 0"));
            } finally {
                for (DaxProgram client : clients) {
                    client.kill();
                }
            }
            for (int i = 0; descriptors(volume) != before; i++) {
                assertTrue(i < 300, descriptors(volume) + " descriptors, " + before + " before");
                Thread.sleep(100);
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** A sparse pool on a tmpfs that something else fills. */
    @Test
    void shouldTellThatTheHostIsFull() throws Exception {
        Environment.needsMount();
        Environment.needsRoot();
        Path host = Files.createTempDirectory("radax-it-host");
        Run.of("mount", "-t", "tmpfs", "-o", "size=48m", "none", host.toString())
                .ok();
        try (Volume volume = Volume.mountedFrom(host, "256M")) {
            byte[] piece = new byte[1 << 20];
            Path kept = volume.directory().resolve("kept");
            Files.write(kept, piece);
            Path ballast = host.resolve("ballast");
            Run fill = Run.of("dd", "if=/dev/zero", "of=" + ballast, "bs=1M", "count=1000");
            assertTrue(fill.err().contains("No space left"), fill::toString);
            long pid = volume.daemonPid();

            Run full = Run.of("dd", "if=/dev/zero", "of=" + volume.directory().resolve("more"), "bs=1M", "count=30");
            assertTrue(full.code() != 0 && full.err().contains("No space left"), full::toString);
            Path other = volume.directory().resolve("other");
            Run over = Run.of("dd", "if=/dev/zero", "of=" + other, "bs=1M", "count=30", "oflag=direct");
            assertTrue(over.code() != 0 && over.err().contains("No space left"), over::toString);

            assertEquals(pid, volume.daemonPid());
            assertArrayEquals(piece, Files.readAllBytes(kept));
            Files.delete(ballast);
            Files.write(volume.directory().resolve("after"), piece);
            assertArrayEquals(piece, Files.readAllBytes(volume.directory().resolve("after")));
            volume.unmount();
            volume.fsckClean();
        } finally {
            Run.of("umount", host.toString()).ok();
            Files.delete(host);
        }
    }
}
