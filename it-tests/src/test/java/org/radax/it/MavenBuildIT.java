package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
            for (String module : new String[] {"fs-core", "fuse-adapter", "cli", "it-tests"}) {
                Path target = Files.createDirectory(work.resolve(module));
                Run.of("cp", "-a", project.resolve(module + "/pom.xml").toString(), target.toString())
                        .ok();
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
}
