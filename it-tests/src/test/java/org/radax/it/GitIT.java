package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

final class GitIT {
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
