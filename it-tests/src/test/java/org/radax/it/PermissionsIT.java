package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    /** A kernel that keeps the times itself does not say which of them were set to now. */
    private static boolean isOfCachedTimes(String expected) {
        return expected.matches("utimes_half \\d+a (owner|root): EPERM.*");
    }

    /** README, "Through libfuse 2". */
    private static boolean isMissingInLibfuse(String expected, String found) {
        boolean noTemporaryFiles = expected.startsWith("tmpfile ") && found.contains(": ENOTSUP,");
        boolean noFlags = expected.matches("(exchange|whiteout) .*") && found.contains(": EINVAL,");
        return Environment.throughLibfuse() && expected.contains(": ok,") && (noTemporaryFiles || noFlags);
    }

    @Test
    void shouldAnswerAsExt4Does() throws Exception {
        Environment.needsMount();
        Environment.needsProgram("mkfs.ext4");
        List<String> expected = onExt4();
        assertTrue(expected.size() >= FEWEST_LINES, () -> expected.size() + " answers");
        for (String cache : Environment.throughLibfuse() ? List.of("auto") : List.of("auto", "writeback")) {
            List<String> found = onVolume(cache);
            assertEquals(expected.size(), found.size());
            String differences = IntStream.range(0, expected.size())
                    .filter(i -> !expected.get(i).equals(found.get(i)))
                    .filter(i -> !isTheKernels(expected.get(i), found.get(i)))
                    .filter(i -> !isMissingInLibfuse(expected.get(i), found.get(i)))
                    .filter(i -> !(cache.equals("writeback") && isOfCachedTimes(expected.get(i))))
                    .mapToObj(i -> found.get(i) + "; ext4: " + expected.get(i))
                    .collect(Collectors.joining("\n"));
            assertEquals("", differences, "--cache=" + cache);
        }
    }

    private static List<String> onVolume(String cache) throws IOException, InterruptedException {
        try (Volume volume = Volume.mounted("512M", "--cache=" + cache)) {
            openToAll(volume);
            List<String> found = Perl.run("permissions", volume.directory());
            volume.unmount();
            volume.fsckClean();
            return found;
        }
    }

    private static List<String> onExt4() throws IOException, InterruptedException {
        try (Volume volume = Volume.formatted("16M")) {
            openToAll(volume);
            return onExt4(volume.scratch());
        }
    }

    private static void openToAll(Volume volume) throws IOException {
        Files.setPosixFilePermissions(volume.scratch().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static List<String> onExt4(Path scratch) throws IOException, InterruptedException {
        String image = scratch.resolve("ext4.img").toString();
        String mountPoint = Files.createDirectory(scratch.resolve("ext4")).toString();
        Run.of("truncate", "-s", "128M", image).ok();
        Run.of("mkfs.ext4", "-q", "-F", image).ok();
        Run.of("mount", "-o", "loop", image, mountPoint).ok();
        try {
            return Perl.run("permissions", mountPoint);
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
