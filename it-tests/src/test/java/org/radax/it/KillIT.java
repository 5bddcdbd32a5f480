package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Volume;

/** The daemon is killed under load: what fsync returned for is there, and the dead mount point is mounted again. */
final class KillIT {
    private static final int WRITERS = 3;
    private static final int LOAD_MILLIS = 700;

    @Test
    void shouldKeepWhatFsyncReturnedFor() throws Exception {
        killRounds(Environment.nightly() ? 100 : 10);
    }

    @Test
    @Tag("smoke")
    void shouldSurviveOneKill() throws Exception {
        killRounds(1);
    }

    private static void killRounds(int rounds) throws IOException, InterruptedException {
        Environment.needsMount();
        try (Volume volume = Volume.mounted("2G")) {
            for (int round = 0; round < rounds; round++) {
                Path directory = Files.createDirectory(volume.directory().resolve("round" + round));
                List<FsyncingWriter> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    writers.add(new FsyncingWriter(directory, i));
                }
                writers.forEach(FsyncingWriter::start);
                for (FsyncingWriter writer : writers) {
                    writer.awaitFirst();
                }
                Thread.sleep(LOAD_MILLIS);
                for (FsyncingWriter writer : writers) {
                    writer.assertRunning();
                }
                kill(volume.daemonPid());
                for (FsyncingWriter writer : writers) {
                    writer.await();
                }
                assertDead(directory);

                volume.mount();

                for (FsyncingWriter writer : writers) {
                    writer.verify();
                }
                volume.cycle();
                for (FsyncingWriter writer : writers) {
                    writer.verify();
                }
                // The next round needs the room: a writer on a full volume proves nothing.
                FileTrees.delete(directory);
            }
        }
    }

    private static void kill(long pid) throws InterruptedException {
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
        assertTrue(daemon.destroyForcibly());
    }

    /** Listing asks the server; names and attributes alone come from the kernel's cache long after it is dead. */
    private static void assertDead(Path directory) throws InterruptedException {
        for (int attempt = 0; answers(directory); attempt++) {
            assertTrue(attempt < 6_000, "the mount outlives its daemon");
            Thread.sleep(10);
        }
    }

    private static boolean answers(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return entries.iterator() != null;
        } catch (IOException e) {
            return false;
        }
    }
}
