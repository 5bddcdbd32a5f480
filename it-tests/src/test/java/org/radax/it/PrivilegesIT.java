package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/**
 * Setuid and setgid fall when somebody else than root changes what a file holds, at once for everybody to see; and
 * nobody else changes the flags of root's files.
 */
final class PrivilegesIT {
    /** FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS and FS_IOC_FSSETXATTR on standard input, then what FS_IOC_GETFLAGS says. */
    private static final String SET_FLAGS = """
            for (0x40086602, 0x40046602, 0x401c5820) {
              my $new = pack("L x24", 0x10);
              print ioctl(STDIN, $_, $new) ? "set" : $! + 0, " ";
            }
            ioctl(STDIN, 0x80086601, my $flags = pack("Q", 0)) or die $!;
            print unpack("Q", $flags);
            """;

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

    /** A file that anybody may read is enough to ask for it. */
    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr-fuse"})
    void shouldKeepFlagsFromStrangers(String transport) throws Exception {
        Environment.needsProgram("setpriv");
        Environment.needsProgram("perl");
        try (Volume volume = Volume.mounted("64M", "--transport=" + transport)) {
            Path file = Files.createFile(volume.directory().resolve("file"));
            String answers = Run.of(
                            "sh",
                            "-c",
                            "exec setpriv --reuid=1000 --regid=1000 --clear-groups perl -e \"$1\" <\"$2\"",
                            "sh",
                            SET_FLAGS,
                            file.toString())
                    .ok()
                    .out();
            assertEquals("1 25 1 0", answers, "EPERM by the kernel, ENOTTY by us; no flag");
        }
    }

    private static String permissions(Path file) throws Exception {
        return Run.of("stat", "-c", "%a", file.toString()).ok().out().strip();
    }
}
