package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Volume;

/** Files by the hundred thousand, all open at once, half of them without a name. */
final class ManyOpenFilesIT {
    /** Few enough for a descriptor limit that nobody may raise. */
    private static final int FILES_PER_PROCESS = 5_000;

    /** Of many_open.pl. */
    private static final int FILES_PER_DIRECTORY = 1_000;

    /** What the daemon takes for itself; the pool's pages are not its own. */
    private static final long MOST_OWN_MEMORY_KIB = 300 << 10;

    private static final int MOST_DESCRIPTORS = 200;

    @Test
    void shouldServeAllOfThem() throws Exception {
        openFiles(20);
    }

    @Test
    @Tag("smoke")
    void shouldServeSomeThousands() throws Exception {
        openFiles(1);
    }

    private static void openFiles(int processCount) throws IOException, InterruptedException {
        Environment.needsMount();
        int count = processCount * FILES_PER_PROCESS;
        try (Volume volume = Volume.mounted("2G")) {
            long free = usage(volume, "freeBlocks");
            long daemon = volume.daemonPid();
            List<Holder> holders = new ArrayList<>();
            try {
                for (int i = 0; i < processCount; i++) {
                    Path directory = Files.createDirectory(volume.directory().resolve("files" + i));
                    holders.add(Holder.start(directory, volume.scratch().resolve("errors" + i)));
                }
                for (String step : List.of("open", "unlinked", "read")) {
                    for (Holder holder : holders) {
                        assertEquals(step, holder.said(), holder::errors);
                    }
                    assertEquals(count, volume.info().getInt("openFiles"));
                    assertTrue(descriptors(daemon) < MOST_DESCRIPTORS);
                    long own = ownMemoryKib(daemon);
                    assertTrue(own < MOST_OWN_MEMORY_KIB, () -> own + " KiB of the daemon's own memory");
                    holders.forEach(Holder::proceed);
                }
                for (Holder holder : holders) {
                    assertEquals("closed", holder.said(), holder::errors);
                    holder.proceed();
                    assertEquals(0, holder.process.waitFor());
                }
            } finally {
                holders.forEach(holder -> holder.process.destroyForcibly());
            }
            volume.cycle();
            int directories = 1 + processCount * (1 + FILES_PER_PROCESS / FILES_PER_DIRECTORY);
            assertEquals(count / 2, usage(volume, "inodes") - directories);
            for (int i = 0; i < processCount; i++) {
                FileTrees.delete(volume.directory().resolve("files" + i));
            }
            volume.cycle();
            assertEquals(free, usage(volume, "freeBlocks"));
            assertEquals(1, usage(volume, "inodes"));
        }
    }

    private record Holder(Process process, BufferedReader out, Path err) {
        static Holder start(Path directory, Path err) throws IOException {
            Process process = new ProcessBuilder(Perl.command("many_open", directory, FILES_PER_PROCESS))
                    .redirectError(err.toFile())
                    .start();
            return new Holder(process, process.inputReader(), err);
        }

        String said() throws IOException {
            return out.readLine();
        }

        void proceed() {
            try {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(errors(), e);
            }
        }

        String errors() {
            try {
                return Files.readString(err);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static long usage(Volume volume, String name) throws IOException, InterruptedException {
        return volume.info().getObject("usage").getLong(name);
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors.count();
        }
    }

    private static long ownMemoryKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
