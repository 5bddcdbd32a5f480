package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

final class CopyTreeIT {
    @Test
    @Tag("smoke")
    void shouldKeepThisProjectsTree() throws Exception {
        copyAndCompare(Environment.project().resolve("fs-core"), "1G");
    }

    @Test
    void shouldKeepTheJdksLibraries() throws Exception {
        copyAndCompare(Path.of(System.getProperty("java.home")).toRealPath().resolve("lib"), "2G");
    }

    private static void copyAndCompare(Path source, String size) throws IOException, InterruptedException {
        try (Volume volume = Volume.mounted(size)) {
            Path copy = volume.directory().resolve("copy");
            // From a snapshot: builds may be changing the tree meanwhile.
            Path snapshot = volume.scratch().resolve("snapshot");
            Run.of("cp", "-a", source.toString(), snapshot.toString()).ok();
            Run.of("cp", "-a", snapshot.toString(), copy.toString()).ok();
            Map<String, String> expected = FileTrees.describe(snapshot);
            assertFalse(expected.isEmpty());
            FileTrees.assertSame(expected, copy);

            volume.cycle();

            FileTrees.assertSame(expected, copy);
            Run.of("rm", "-r", copy.toString()).ok();
            assertFalse(Files.exists(copy));
            volume.unmount();
            volume.fsckClean();
        }
    }
}
