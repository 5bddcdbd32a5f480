package org.radax.it.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.radax.it.harness.CountingProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** All sorts of programs on one mount, each checking what it reads, from {@link #start} to {@link #stop}. */
final class MixedLoad {
    private static final int STRESSORS = 2;
    private static final int MAPPERS = 2;
    private static final int MAPPED_BYTES = 64 * 4096;
    private static final int MAPPER_MILLIS = 5_000;
    private static final int REST_MILLIS = 100;
    private static final List<List<String>> FIO_ENGINES = List.of(
            List.of("--ioengine=psync", "--direct=1"),
            List.of("--ioengine=psync", "--fsync=8"),
            List.of("--ioengine=libaio", "--direct=1", "--iodepth=8"),
            List.of("--ioengine=mmap"));

    @FunctionalInterface
    private interface Work {
        void run(Path directory, long round) throws Exception;
    }

    private final Path mount;
    private final Path scratch;
    private final Path source;
    private final List<NameStress> stressors = new ArrayList<>();
    private final List<Thread> workers = new ArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong rounds = new AtomicLong();
    private final long[] counted = new long[MAPPERS];
    private long steps;
    private volatile boolean stopping;

    MixedLoad(Volume volume) throws IOException, InterruptedException {
        this.mount = volume.directory();
        this.scratch = volume.scratch();
        // A copy: builds may be changing the tree meanwhile.
        this.source = scratch.resolve("source");
        Run.of("cp", "-r", Environment.project().resolve("fs-core/src").toString(), source.toString())
                .ok();
    }

    /** On an empty volume. */
    void start(long seed) throws IOException, InterruptedException {
        stopping = false;
        Path names = Files.createDirectory(mount.resolve("names"));
        stressors.clear();
        for (int i = 0; i < STRESSORS; i++) {
            stressors.add(new NameStress(names, i, seed));
        }
        stressors.forEach(NameStress::start);
        work("fio", this::fio);
        work("fsync", this::fsyncs);
        work("tree", this::tree);
        if (Environment.hasProgram("sqlite3")) {
            work("sqlite", this::sqlite);
        }
        Path mapped = Files.createDirectory(mount.resolve("mapped"));
        Volume.radax("dax", "set", mapped.toString()).ok();
        for (int i = 0; i < MAPPERS; i++) {
            int number = i;
            counted[i] = 0;
            work("mapper", mapped, (directory, round) -> map(directory, number));
        }
    }

    /** All that ran has found what it expected. */
    void stop() throws IOException, InterruptedException {
        end();
        for (NameStress stressor : stressors) {
            stressor.assertStopped();
            stressor.verify(NameStress.Cut.NOWHERE);
            steps += stressor.steps();
        }
        assertGoing();
    }

    /** Ends all of it, whatever it has found. */
    void end() throws InterruptedException {
        stopping = true;
        for (Thread worker : workers) {
            worker.join();
        }
        workers.clear();
        for (NameStress stressor : stressors) {
            stressor.stop();
        }
    }

    void assertGoing() {
        if (!failures.isEmpty()) {
            throw new AssertionError("the load failed: " + failures, failures.peek());
        }
    }

    /** Programs that ran to their ends. */
    long rounds() {
        return rounds.get();
    }

    /** Of the stressors. */
    long steps() {
        return steps;
    }

    private void work(String name, Work work) throws IOException {
        work(name, Files.createDirectory(mount.resolve(name)), work);
    }

    private void work(String name, Path directory, Work work) {
        Thread worker = new Thread(
                () -> {
                    try {
                        for (long round = 0; !stopping; round++) {
                            work.run(directory, round);
                            rounds.incrementAndGet();
                            Thread.sleep(REST_MILLIS);
                        }
                    } catch (Exception | Error e) {
                        failures.add(e);
                    }
                },
                name);
        worker.start();
        workers.add(worker);
    }

    private void fio(Path directory, long round) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "nice",
                "fio",
                "--name=v",
                "--directory=" + directory,
                "--rw=randwrite",
                "--bs=4k",
                "--size=16M",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--do_verify=1",
                "--verify_state_save=0",
                "--randseed=" + round,
                "--rate_iops=2000"));
        command.addAll(FIO_ENGINES.get((int) (round % FIO_ENGINES.size())));
        Run.in(scratch, command.toArray(new String[0])).ok();
    }

    private void fsyncs(Path directory, long round) throws IOException, InterruptedException {
        Run.in(
                        scratch,
                        "nice",
                        "fio",
                        "--name=f",
                        "--directory=" + directory,
                        "--filename_format=log." + round % 3,
                        "--rw=write",
                        "--bs=700",
                        "--size=1M",
                        "--fsync=1",
                        "--rate_iops=500",
                        "--unlink=1")
                .ok();
    }

    /** As a checkout and its removal. */
    private void tree(Path directory, long round) throws IOException, InterruptedException {
        Path copy = directory.resolve("copy" + round);
        Run.of("nice", "cp", "-r", source.toString(), copy.toString()).ok();
        Run.of("nice", "diff", "-r", source.toString(), copy.toString()).ok();
        Run.of("nice", "rm", "-r", copy.toString()).ok();
    }

    private void sqlite(Path directory, long round) throws IOException, InterruptedException {
        String rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200)"
                + " INSERT INTO t SELECT hex(randomblob(100)) FROM n;";
        String sql = "PRAGMA journal_mode=" + (round % 2 == 0 ? "wal" : "delete")
                + "; CREATE TABLE IF NOT EXISTS t(v); CREATE INDEX IF NOT EXISTS i ON t(v); " + rows
                + " DELETE FROM t WHERE rowid % 7 = " + round % 7 + "; PRAGMA integrity_check;";
        Run run = Run.of("nice", "sqlite3", "-bail", directory.resolve("db").toString(), sql)
                .ok();
        assertTrue(run.out().endsWith("ok\n"), run::out);
    }

    /** A client that ends as it likes, in the middle of a store maybe. */
    private void map(Path directory, int number) throws IOException, InterruptedException {
        Path file = directory.resolve("counting" + number);
        if (!Files.exists(file)) {
            Files.write(file, new byte[MAPPED_BYTES]);
        }
        try (CountingProgram program = CountingProgram.start(file, counted[number])) {
            for (int i = 0; i < MAPPER_MILLIS / REST_MILLIS && !stopping; i++) {
                Thread.sleep(REST_MILLIS);
                program.assertRunning();
            }
            program.kill();
            counted[number] = program.forced();
        }
        CountingProgram.verify(file, counted[number]);
    }
}
