package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** A Maven build of this project's parent and core inside the mount, offline: what built us is in the repository. */
final class MavenBuildIT {
    @Test
    void shouldBuildAModule() throws Exception {
        Environment.needsProgram("mvn");
        try (Volume volume = Volume.mounted("1G")) {
            Path work = Files.createDirectory(volume.directory().resolve("work"));
            Path project = Environment.project();
            for (String part : new String[] {"pom.xml", ".mvn"}) {
                Run.of("cp", "-a", project.resolve(part).toString(), work.toString())
                        .ok();
            }
            for (Path pom : modulesOf(project)) {
                Path target = Files.createDirectory(
                        work.resolve(pom.getParent().getFileName().toString()));
                Run.of("cp", "-a", pom.toString(), target.toString()).ok();
            }
            Run.of(
                            "cp",
                            "-a",
                            project.resolve("fs-core/src").toString(),
                            work.resolve("fs-core").toString())
                    .ok();

            Run.in(
                            work,
                            "mvn",
                            "-q",
                            "-B",
                            "-o",
                            "-pl",
                            "fs-core",
                            "-DskipTests",
                            "-Dspotless.check.skip=true",
                            "package")
                    .ok();

            Path jar = work.resolve("fs-core/target/fs-core-0.1.0-SNAPSHOT.jar");
            Run.of("jar", "tf", jar.toString()).ok();
            volume.cycle();
            assertTrue(Files.size(jar) > 0);
        }
    }

    private static List<Path> modulesOf(Path project) throws IOException {
        try (Stream<Path> entries = Files.list(project)) {
            return entries.map(entry -> entry.resolve("pom.xml"))
                    .filter(Files::exists)
                    .toList();
        }
    }
}
