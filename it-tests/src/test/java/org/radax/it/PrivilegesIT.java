package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Setuid and setgid fall when somebody else than root changes what a file holds, at once for everybody to see. */
final class PrivilegesIT {
    @ParameterizedTest
    @ValueSource(strings = {"", "--punch-hole", "--zero-range"})
    void shouldFallWithAllocation(String mode) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv (util-linux) is missing");
        try (Volume volume = Volume.mounted("64M")) {
            Path file = Files.write(volume.directory().resolve("file"), new byte[200_000]);
            assertEquals(0, Posix.LIBC.chmod(file.toString(), 06777));
            assertEquals("6777", permissions(file));
            String fallocate = "fallocate " + mode + " -o 65536 -l 65536 " + file;
            Run.of("sh", "-c", fallocate).ok();
            assertEquals("6777", permissions(file), "root keeps them");
            // The way to the mount point may be closed to others: the descriptor is opened before.
            Run.of(
                            "sh",
                            "-c",
                            "exec setpriv --reuid=1000 --regid=1000 --clear-groups fallocate " + mode
                                    + " -o 65536 -l 65536 /dev/fd/3 3<>" + file)
                    .ok();
            assertEquals("777", permissions(file));
        }
    }

    private static String permissions(Path file) throws Exception {
        return Run.of("stat", "-c", "%a", file.toString()).ok().out().strip();
    }
}
