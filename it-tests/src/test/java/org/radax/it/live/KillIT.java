package org.radax.it.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlSockets;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/**
 * The daemon is killed under load, round after round on one pool, and mounted again: what was promised is there. Replay a
 * round's choices, not its moment, with {@code -Dradax.it.seed=N}.
 */
final class KillIT {
    private static final String SIZE = "128M";

    /** Of rounds on a volume with checksums of data: above the others'. */
    private static final long FIRST_WITH_CHECKSUMS = 1_001;

    @Test
    void shouldKeepItsPromises() throws Exception {
        Long one = Long.getLong("radax.it.seed");
        run(one != null ? new long[] {one} : seeds(1, Environment.nightly() ? 500 : 13));
    }

    @Test
    void shouldKeepItsPromisesWithDataChecksums() throws Exception {
        assumeTrue(Long.getLong("radax.it.seed") == null, "the other test runs that seed");
        run(seeds(FIRST_WITH_CHECKSUMS, Environment.nightly() ? 500 : 12));
    }

    @Test
    @Tag("smoke")
    void shouldKeepItsPromisesOnce() throws Exception {
        run(seeds(1, 1));
    }

    private static long[] seeds(long first, int rounds) {
        return LongStream.range(first, first + rounds).toArray();
    }

    private static void run(long[] seeds) throws Exception {
        Environment.needsMount();
        Environment.needsProgram("fio");
        boolean checksums = seeds[0] >= FIRST_WITH_CHECKSUMS;
        try (Volume volume = checksums ? Volume.formattedWithDataChecksums(SIZE) : Volume.formatted(SIZE)) {
            KillRounds rounds = new KillRounds(volume);
            for (long seed : seeds) {
                try {
                    rounds.round(seed);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("seed " + seed + ", left in " + kept(volume, seed) + ": " + e, e);
                }
            }
            assertTrue(rounds.blocksVerified() > 0, "fio had nothing to verify in any round");
            volume.unmount();
            volume.fsckClean();
            assertNothingLeft(volume);
        }
    }

    private static void assertNothingLeft(Volume volume) throws IOException {
        assertFalse(Volume.isMountPoint(volume.directory()), "still mounted");
        assertEquals(
                List.of(),
                ControlSockets.ofProcess().candidates(volume.directory(), LibC.INSTANCE.geteuid()),
                "control sockets");
        Set<String> left = new TreeSet<>();
        try (Stream<Path> entries = Files.list(volume.pool().getParent())) {
            entries.forEach(entry -> left.add(entry.getFileName().toString()));
        }
        assertEquals(Set.of("it.pool", "mnt", "scratch"), left);
    }

    /** A copy of the pool, as it is and as the kill left it, and of what the programs said; the daemon's logs lie in logs. */
    private static Path kept(Volume volume, long seed) throws IOException, InterruptedException {
        Path kept = Environment.project().resolve("it-tests/target/kill-" + seed);
        Files.createDirectories(kept);
        Run.of(
                "cp",
                "-r",
                "--sparse=always",
                volume.pool().toString(),
                volume.scratch().toString(),
                kept.toString());
        return kept;
    }
}
