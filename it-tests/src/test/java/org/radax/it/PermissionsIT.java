package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Every operation as owner, member of the group, other and root, on files of many modes: what ext4 answers. */
final class PermissionsIT {
    private static final int FEWEST_LINES = 4_000;

    /** Where Linux decides before, or without, asking a FUSE server, and does not know of the two flags. */
    private static boolean isTheKernels(String expected, String found) {
        boolean checksModeFirst = expected.matches("\\w+ \\d+[ia] (member|other): EPERM.*")
                && found.equals(expected.replace("EPERM", "EACCES"));
        boolean accessKnowsNoFlags = expected.matches("access_write \\d+i .*: EPERM.*");
        // It never reaches the server: nothing but privileges and the ctime would change.
        boolean dropsEmptyChown = expected.matches("chown_nothing (4777|\\d+i) .*");
        return checksModeFirst || accessKnowsNoFlags || dropsEmptyChown;
    }

    @Test
    void shouldAnswerAsExt4Does() throws Exception {
        Environment.needsProgram("mkfs.ext4");
        try (Volume volume = Volume.mounted("512M")) {
            Files.setPosixFilePermissions(volume.scratch().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            List<String> expected = onExt4(volume.scratch());
            List<String> found = Perl.run(
                    "permissions", Files.createDirectory(volume.directory().resolve("d")));
            assertTrue(expected.size() >= FEWEST_LINES, () -> expected.size() + " answers");
            assertEquals(expected.size(), found.size());
            String differences = IntStream.range(0, expected.size())
                    .filter(i -> !expected.get(i).equals(found.get(i)))
                    .filter(i -> !isTheKernels(expected.get(i), found.get(i)))
                    .mapToObj(i -> found.get(i) + "; ext4: " + expected.get(i))
                    .collect(Collectors.joining("\n"));
            assertEquals("", differences);
            volume.unmount();
            volume.fsckClean();
        }
    }

    private static List<String> onExt4(Path scratch) throws IOException, InterruptedException {
        String image = scratch.resolve("ext4.img").toString();
        String mountPoint = Files.createDirectory(scratch.resolve("ext4")).toString();
        Run.of("truncate", "-s", "128M", image).ok();
        Run.of("mkfs.ext4", "-q", "-F", image).ok();
        Run.of("mount", "-o", "loop", image, mountPoint).ok();
        try {
            return new ArrayList<>(Perl.run("permissions", mountPoint));
        } finally {
            Run.of("umount", mountPoint).ok();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none", "writeback"})
    void shouldKeepWhatIsAppended(String cache) throws Exception {
        try (Volume volume = Volume.mounted("64M", "--cache=" + cache)) {
            assertEquals(
                    List.of("no other times", "not to be overwritten"), Perl.run("append_only", volume.directory()));
            volume.cycle();
            Path log = volume.directory().resolve("log");
            assertEquals(
                    IntStream.rangeClosed(1, 1000).mapToObj(i -> "line " + i).toList(), Files.readAllLines(log));
            Run.of("chattr", "-a", log.toString()).ok();
        }
    }
}
