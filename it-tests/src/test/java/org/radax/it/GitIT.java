package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

final class GitIT {
    /** Files changed by a commit of the made-up history. */
    private static final int CHANGES = 200;

    private static final Map<String, String> IDENTITY = Map.of(
            "GIT_AUTHOR_NAME", "Test",
            "GIT_AUTHOR_EMAIL", "test@example.org",
            "GIT_COMMITTER_NAME", "Test",
            "GIT_COMMITTER_EMAIL", "test@example.org",
            "GIT_CONFIG_NOSYSTEM", "1",
            "GIT_CONFIG_GLOBAL", "/dev/null");

    @Test
    @Tag("smoke")
    void shouldCloneCheckCollectAndCommit() throws Exception {
        Environment.needsProgram("git");
        try (Volume volume = Volume.mounted("1G")) {
            Path origin = makeOrigin(volume.scratch().resolve("origin"));
            Path clone = volume.directory().resolve("clone");

            git(volume.directory(), "clone", "-q", "--no-local", origin.toString(), "clone");
            git(clone, "fsck", "--strict");
            for (int i = 0; i < 20; i++) {
                Files.writeString(clone.resolve("new" + i), "line " + i + "\n");
                git(clone, "add", "-A");
                git(clone, "commit", "-q", "-m", "change " + i);
            }
            git(clone, "gc", "-q", "--aggressive", "--prune=now");
            git(clone, "fsck", "--strict");
            assertEquals("", git(clone, "status", "--porcelain").out());

            volume.cycle();

            git(clone, "fsck", "--strict");
            assertEquals("", git(clone, "status", "--porcelain").out());
            assertEquals("21", git(clone, "rev-list", "--count", "HEAD").out().strip());
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Some history in a pack, the rest in a file for each object. */
    @Test
    void shouldCollectALargeTree() throws Exception {
        Environment.needsProgram("git");
        int packed = Environment.nightly() ? 300 : 100;
        int loose = Environment.nightly() ? 300 : 20;
        try (Volume volume = Volume.mounted("2G")) {
            Path repository = volume.directory().resolve("large.git");
            git(volume.directory(), "init", "-q", "--bare", "-b", "main", repository.toString());
            importHistory(repository, history(volume.scratch(), 0, packed), 1);
            importHistory(repository, history(volume.scratch(), packed, packed + loose), 1_000_000);
            String before = objects(repository);
            assertTrue(before.lines().count() > (long) CHANGES * (packed + loose));

            if (Environment.nightly()) {
                git(repository, "gc", "-q", "--aggressive", "--prune=now");
            } else {
                git(repository, "gc", "-q", "--prune=now");
            }

            git(repository, "fsck", "--full", "--strict");
            assertEquals(before, objects(repository));
            assertTrue(git(repository, "count-objects").out().startsWith("0 objects"));
            Path clone = volume.directory().resolve("clone");
            git(volume.directory(), "clone", "-q", "--no-local", repository.toString(), clone.toString());
            for (int round = 0; round < 2; round++) {
                git(clone, "fsck", "--full", "--strict");
                assertEquals(before, objects(clone));
                assertEquals("", git(clone, "status", "--porcelain").out());
                volume.cycle();
            }
            git(repository, "fsck", "--full", "--strict");
            assertEquals(before, objects(repository));
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Every object that can be reached, and under which name. */
    private static String objects(Path repository) throws IOException, InterruptedException {
        return git(repository, "rev-list", "--objects", "main").out();
    }

    /** Commits, each of so many new versions of some of 6000 files, as git fast-import reads them. */
    private static Path history(Path directory, int firstCommit, int endCommit) throws IOException {
        Path stream = directory.resolve("commits" + firstCommit);
        Random random = new Random(firstCommit);
        try (BufferedWriter writer = Files.newBufferedWriter(stream)) {
            for (int commit = firstCommit; commit < endCommit; commit++) {
                writer.write("commit refs/heads/main\ncommitter Test <test@example.org> " + (1_700_000_000L + commit)
                        + " +0000\ndata 0\n");
                if (commit == firstCommit && commit > 0) {
                    writer.write("from refs/heads/main^0\n");
                }
                for (int change = 0; change < CHANGES; change++) {
                    int file = (commit * CHANGES + change) * 7 % 6_000;
                    String content = ("line " + random.nextInt(100) + "\n").repeat(20) + random.nextLong() + "\n";
                    writer.write("M 644 inline d" + file % 60 + "/f" + file + "\ndata " + content.length() + "\n");
                    writer.write(content);
                }
            }
        }
        return stream;
    }

    /** What has fewer objects than the limit becomes a file an object, else it stays a pack. */
    private static void importHistory(Path repository, Path stream, int unpackLimit)
            throws IOException, InterruptedException {
        String script = "exec git -c fastimport.unpackLimit=$0 fast-import --quiet <\"$1\"";
        List<String> command = List.of("sh", "-c", script, Integer.toString(unpackLimit), stream.toString());
        Run.of(repository, IDENTITY, command).ok();
    }

    /** The project's sources as a repository: the project itself may be an export without one. */
    private static Path makeOrigin(Path origin) throws IOException, InterruptedException {
        Files.createDirectories(origin);
        for (String part : List.of("fs-core/src", "fuse-adapter/src", "cli/src")) {
            Path target = Files.createDirectories(origin.resolve(part).getParent());
            Run.of("cp", "-a", Environment.project().resolve(part).toString(), target.toString())
                    .ok();
        }
        git(origin, "init", "-q");
        git(origin, "add", "-A");
        git(origin, "commit", "-q", "-m", "everything");
        assertEquals(true, FileTrees.describe(origin).size() > 50);
        return origin;
    }

    private static Run git(Path directory, String... arguments) throws IOException, InterruptedException {
        // No maintenance in the background: it would still use the mount when that is to go.
        List<String> command = new ArrayList<>(List.of("git", "-c", "gc.auto=0", "-c", "maintenance.auto=false"));
        command.addAll(List.of(arguments));
        return Run.of(directory, IDENTITY, command).ok();
    }
}
