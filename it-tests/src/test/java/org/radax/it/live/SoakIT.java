package org.radax.it.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.radax.fuse.control.ControlException;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** A mount under mixed load for hours ({@code ./check soak}); without a duration, for seconds, to try the test itself. */
final class SoakIT {
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Duration BRIEF_PAUSE = Duration.ofSeconds(2);
    private static final int BRIEF_SAMPLES = 4;

    /** From here on a growth says something; before, the JVM is still warming up. */
    private static final int FEWEST_SAMPLES = 16;

    @Test
    void shouldNotGrow() throws Exception {
        Environment.needsMount();
        Environment.needsKernelTransport("mapping files onto the pool");
        Environment.needsProgram("fio");
        Integer minutes = Integer.getInteger("radax.soak.minutes");
        Duration pause = minutes == null ? BRIEF_PAUSE : PAUSE;
        long samples =
                minutes == null ? BRIEF_SAMPLES : Duration.ofMinutes(minutes).dividedBy(pause);
        Path results = Files.createDirectories(Environment.project().resolve("it-tests/target/soak"));
        try (Volume volume = Volume.mounted("1G")) {
            DaemonSamples daemon = new DaemonSamples(volume.daemonPid(), results.resolve("soak.csv"));
            MixedLoad load = new MixedLoad(volume);
            String found;
            try {
                found = soak(volume, load, daemon, samples, pause);
            } finally {
                load.end();
            }
            String commit = Run.in(Environment.project(), "git", "rev-parse", "--short", "HEAD")
                    .out();
            String summary =
                    "| `./check soak --minutes " + samples * pause.toMillis() / 60_000 + "` | " + commit.strip() + " | "
                            + load.rounds() + " programs and " + load.steps() + " steps on names; " + found + " |";
            Files.writeString(results.resolve("summary"), summary + "\n");
            if (samples >= FEWEST_SAMPLES) {
                assertFalse(daemon.grows(), summary);
            }
        }
    }

    /** Returns what goes into the line for docs/RELIABILITY.md. */
    private static String soak(Volume volume, MixedLoad load, DaemonSamples daemon, long samples, Duration pause)
            throws IOException, InterruptedException, ControlException {
        long samplesToALook = Math.min(Duration.ofHours(1).dividedBy(pause), Math.max(2, samples / 4));
        long free = freeBlocks(volume);
        List<Long> leftBehind = new ArrayList<>();
        load.start(0);
        for (long sample = 1; sample <= samples; sample++) {
            Thread.sleep(pause.toMillis());
            load.assertGoing();
            daemon.take();
            if (sample % samplesToALook == 0) {
                Path copy = volume.frozenCopy();
                Volume.radax("fsck", "-n", copy.toString()).ok();
                Files.delete(copy);
                load.stop();
                deleteAll(volume);
                leftBehind.add(free - freeBlocks(volume));
                load.start(sample);
            }
        }
        load.stop();
        deleteAll(volume);
        volume.cycle();
        assertEquals(free, freeBlocks(volume), "free blocks once everything is deleted");
        return "median of the second quarter → of the last: " + daemon.summary()
                + "; blocks in use once everything was deleted: " + leftBehind + ", none after a remount";
    }

    private static void deleteAll(Volume volume) throws IOException {
        try (Stream<Path> entries = Files.list(volume.directory())) {
            for (Path entry : entries.toList()) {
                FileTrees.delete(entry);
            }
        }
    }

    private static long freeBlocks(Volume volume) throws IOException, InterruptedException {
        return volume.info().getObject("usage").getLong("freeBlocks");
    }

    private static Series series(int count, IntToLongFunction value) {
        Series series = new Series("series", 10, 2);
        for (int i = 0; i < count; i++) {
            series.add(value.applyAsLong(i));
        }
        return series;
    }

    @Test
    void shouldTellASeriesThatGrows() {
        Random noise = new Random(1);
        assertTrue(series(240, i -> 1000 + i + noise.nextInt(20)).grows());
        assertTrue(series(16, i -> 10 + i).grows());
        // In steps, as a table does that doubles.
        assertTrue(series(240, i -> i < 150 ? 1000 : 2000).grows());
    }

    @Test
    void shouldTakeNoiseAndWarmUpForNoGrowth() {
        Random noise = new Random(1);
        assertFalse(series(240, i -> 1000 + noise.nextInt(100)).grows());
        assertFalse(series(240, i -> i < 60 ? 100 * i : 6000).grows());
        assertFalse(series(240, i -> i % 17 == 0 ? 5000 : 1000).grows());
        assertFalse(series(240, i -> 2000 - i).grows());
    }
}
