package org.radax.it.live;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.radax.core.check.CheckMode;
import org.radax.core.check.Checker;
import org.radax.fuse.control.ControlProtocol;
import org.radax.it.harness.CountingProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Volume;

/** Lives of one volume, each ended by SIGKILL. Names and the counting file go on from round to round. */
final class KillRounds {
    private static final int STRESSORS = 2;
    private static final int COUNTING_BYTES = 64 * 4096;
    private static final int MOST_LOAD_MILLIS = 400;
    private static final int MOST_MOUNT_MILLIS = 600;

    /** What a seed decides. */
    private record Choices(String cache, boolean atomic, boolean counts, boolean direct, boolean mountIsKilled) {
        static Choices of(long seed) {
            // Random begins alike for seeds in a row.
            SplittableRandom random = new SplittableRandom(seed);
            boolean libfuse = Environment.throughLibfuse();
            String cache = List.of("auto", "writeback", "none").get(random.nextInt(3));
            boolean counts = random.nextInt(4) == 0 && !libfuse;
            boolean atomic = random.nextBoolean() && !counts;
            return new Choices(libfuse ? "none" : cache, atomic, counts, random.nextBoolean(), random.nextInt(5) == 0);
        }

        NameStress.Cut cut() {
            return switch (cache) {
                case "none" -> NameStress.Cut.NOWHERE;
                case "auto" -> NameStress.Cut.BETWEEN_PAGES;
                default -> NameStress.Cut.ANYWHERE;
            };
        }

        List<String> mountOptions() {
            return List.of(
                    "--cache=" + cache,
                    "--data=" + (atomic ? "atomic" : "in-place"),
                    "--dax=" + (counts ? "always" : "never"));
        }
    }

    private final Volume volume;
    private final List<NameStress> stressors = new ArrayList<>();
    private boolean isMounted;
    private long counted;
    private int blocksVerified;

    KillRounds(Volume volume) {
        this.volume = volume;
    }

    /** By fio, in all rounds. */
    int blocksVerified() {
        return blocksVerified;
    }

    /** Load, a kill, and what is there afterwards; the volume stays mounted, as the next round's choices have it. */
    void round(long seed) throws Exception {
        Choices choices = Choices.of(seed);
        if (!isMounted) {
            volume.mount(choices.mountOptions());
            isMounted = true;
        }
        Path names = Files.createDirectories(volume.directory().resolve("names"));
        while (stressors.size() < STRESSORS) {
            stressors.add(new NameStress(names, stressors.size(), seed));
        }
        Path fioState = volume.scratch().resolve("fio");
        FileTrees.delete(fioState);
        Files.createDirectory(fioState);
        SplittableRandom random = new SplittableRandom(~seed);
        FioWriters fio = FioWriters.start(volume.directory(), fioState, seed, choices.direct);
        try (CountingProgram counting = choices.counts ? count() : null) {
            stressors.forEach(NameStress::start);
            fio.awaitStart();
            awaitSteps(counting);
            Thread.sleep(random.nextInt(MOST_LOAD_MILLIS));
            assertRunning(fio, counting);

            kill(volume.ask(ControlProtocol.PING, Map.of()).getLong("pid"));

            for (NameStress stressor : stressors) {
                stressor.awaitEnd();
            }
            fio.awaitEnd();
            if (counting != null) {
                counting.awaitEnd();
                counted = counting.forced();
            }
        } catch (Throwable t) {
            fio.kill();
            throw t;
        }
        if (choices.mountIsKilled) {
            killMounting(random.nextInt(MOST_MOUNT_MILLIS));
        }
        volume.mount(Choices.of(seed + 1).mountOptions());

        assertEquals(1, Volume.mountsAt(volume.directory()), "mounts");
        for (NameStress stressor : stressors) {
            stressor.verify(choices.cut());
        }
        if (Files.exists(countingFile())) {
            CountingProgram.verify(countingFile(), counted);
        }
        blocksVerified += fio.verify();
        assertSound();
    }

    private Path countingFile() {
        return volume.directory().resolve("counting");
    }

    private CountingProgram count() throws IOException {
        try (FileChannel channel = FileChannel.open(countingFile(), CREATE, WRITE)) {
            if (channel.size() == 0) {
                channel.write(ByteBuffer.allocate(COUNTING_BYTES));
            }
        }
        return CountingProgram.start(countingFile(), counted);
    }

    /** Everybody has done something. */
    private void awaitSteps(CountingProgram counting) throws InterruptedException {
        for (NameStress stressor : stressors) {
            stressor.awaitStep();
        }
        for (int i = 0; counting != null && counting.forced() == counted; i++) {
            assertTrue(i < 6_000, "nothing is forced");
            counting.assertRunning();
            Thread.sleep(10);
        }
    }

    private void assertRunning(FioWriters fio, CountingProgram counting) throws IOException {
        stressors.forEach(NameStress::assertRunning);
        fio.assertRunning();
        if (counting != null) {
            counting.assertRunning();
        }
    }

    /** Until it is gone: a task of it in uninterruptible sleep would not go. */
    private static void kill(long pid) throws IOException, InterruptedException {
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (isRunning(pid)) {
            assertTrue(System.nanoTime() < end, "the daemon does not die");
            Thread.sleep(2);
        }
    }

    /** Not gone, and not waiting for its parent to notice. */
    private static boolean isRunning(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** The daemon is killed on its way up, amid recovery maybe. */
    private void killMounting(int millis) throws IOException, InterruptedException {
        Process mounting = volume.mounting(Choices.of(0).mountOptions());
        Thread.sleep(millis);
        mounting.destroyForcibly();
        assertTrue(mounting.waitFor(60, TimeUnit.SECONDS), "a mounting daemon does not die");
    }

    /** The checker finds nothing in a copy of the frozen volume. */
    private void assertSound() throws Exception {
        Path copy = volume.frozenCopy();
        assertEquals(
                List.of(),
                Checker.check(copy, new CheckMode(false, true), line -> {}).findings());
        Files.delete(copy);
    }
}
