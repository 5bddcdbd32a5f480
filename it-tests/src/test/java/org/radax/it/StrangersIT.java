package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.it.harness.DaxProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Who has no rights gets nothing, and keeps nobody from anything; who has some keeps nobody waiting. */
@Timeout(120)
final class StrangersIT {
    private static final List<String> STRANGER =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all");

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
        Environment.needsKernelTransport("mapping files onto the pool");
        Environment.needsProgram("setpriv");
        Environment.needsProgram("perl");
    }

    /** The sockets that a directory has more than before. */
    private static Path made(Path directory, List<Path> before) throws IOException {
        List<Path> now = sockets(directory);
        now.removeAll(before);
        assertEquals(1, now.size(), now.toString());
        return now.get(0);
    }

    private static List<Path> sockets(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return new ArrayList<>();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return new ArrayList<>(all.toList());
        }
    }

    @Test
    void shouldGetNothingAndKeepNobodyOut() throws Exception {
        Path run = Files.createTempDirectory(Path.of("/dev/shm"), "radax-it-run");
        Run.of("chmod", "755", run.toString()).ok();
        Path control = run.resolve("radax");
        try (Volume volume = Volume.formatted("64M", "--dax=always")) {
            List<String> mount = List.of(
                    Environment.launcher().toString(),
                    "mount",
                    "--dax=always",
                    volume.pool().toString(),
                    volume.directory().toString());
            java.util.Map<String, String> environment = java.util.Map.of("RADAX_RUNTIME_DIR", control.toString());
            Run.of(null, environment, mount).ok();
            Path file = volume.directory().resolve("file");
            Files.write(file, new byte[1 << 20]);
            List<String> command = new ArrayList<>(STRANGER);
            command.addAll(Perl.command(
                    "strangers",
                    made(control, List.of()),
                    made(run.resolve("radax-leases"), List.of()),
                    volume.pool(),
                    300));
            Process stranger = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader said =
                    new BufferedReader(new InputStreamReader(stranger.getInputStream(), StandardCharsets.UTF_8))) {
                assertEquals("list refused: EACCES", said.readLine());
                assertEquals("control refused: EACCES", said.readLine());
                assertEquals("pool refused: EACCES", said.readLine());
                assertEquals("leases refused", said.readLine());
                assertEquals("holding", said.readLine());
                try (DaxProgram client = DaxProgram.start(file)) {
                    assertEquals("mapped", client.ask("map 0 1048576"));
                    assertEquals("stored", client.ask("put 5 6"));
                    assertEquals("forced", client.ask("force"));
                }
            } finally {
                stranger.destroyForcibly();
            }
            Run.of(null, environment, List.of(mount.get(0), "umount", mount.get(4)))
                    .ok();
            volume.fsckClean();
        } finally {
            Run.of("rm", "-r", run.toString()).ok();
        }
    }

    /** However many programs of a user are stopped: others go on as if it were one. */
    @Test
    void shouldGoOnUnderManyStoppedPrograms() throws Exception {
        int count = Environment.nightly() ? 12 : 3;
        try (Volume volume = Volume.mounted("64M", "--dax=always")) {
            Path file = volume.directory().resolve("file");
            Files.write(file, new byte[1 << 20]);
            List<DaxProgram> programs = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    DaxProgram program = DaxProgram.start(file);
                    programs.add(program);
                    assertEquals("mapped", program.ask("map 0 1048576"));
                }
                for (DaxProgram program : programs) {
                    program.stop();
                }
                long start = System.nanoTime();
                Files.getLastModifiedTime(file);
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(new byte[] {1}), 4096);
                    channel.truncate(0);
                }
                long millis = (System.nanoTime() - start) / 1_000_000;
                assertTrue(millis < 2000 * count * 3 / 4, millis + " ms for " + count);
            } finally {
                programs.forEach(DaxProgram::close);
            }
        }
    }
}
