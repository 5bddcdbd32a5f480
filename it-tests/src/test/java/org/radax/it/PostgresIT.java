package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Volume;

/** PostgreSQL with its data on a mount; under load its server is killed, and then the mount's daemon. */
final class PostgresIT {
    private static final int CLIENTS = 4;
    private static final int LOAD_MILLIS = 1_000;

    private Volume volume;
    private PostgresServer server;
    /** Transactions that clients were told of; of each killed load, up to one a client may be there besides. */
    private long committed;

    private int kills;

    @BeforeEach
    void needPostgres() {
        PostgresServer.needed();
    }

    static Stream<Arguments> shouldKeepWhatWasCommitted() {
        Stream<Arguments> always = Stream.of(arguments("auto", "fdatasync"), arguments("writeback", "fdatasync"));
        Stream<Arguments> more = Stream.of(arguments("none", "open_datasync"), arguments("auto", "open_sync"));
        return Environment.nightly() ? Stream.concat(always, more) : always;
    }

    @ParameterizedTest
    @MethodSource
    void shouldKeepWhatWasCommitted(String cache, String walSync) throws Exception {
        int rounds = Environment.nightly() ? 20 : 1;
        try (Volume mounted = Volume.mounted("2G", "--cache=" + cache)) {
            volume = mounted;
            Path base = volume.scratch();
            Files.setPosixFilePermissions(base.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            try (PostgresServer made = new PostgresServer(volume.directory().resolve("data"), base.resolve("server"))) {
                server = made;
                server.initialise("wal_sync_method = " + walSync);
                server.start();
                server.makeBenchmark(rounds);
                for (int round = 0; round < rounds; round++) {
                    loadUntil(server::kill);
                    server.start();
                    check();
                    if (!Environment.plain()) {
                        loadUntil(this::killDaemon);
                        volume.mount();
                        server.start();
                        check();
                    }
                }
                server.stop();
                server.checkPages();
                volume.cycle();
                server.checkPages();
                server.start();
                check();
                server.stop();
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    private interface Killer {
        void kill() throws IOException, InterruptedException;
    }

    private void loadUntil(Killer killer) throws Exception {
        FutureTask<Long> load = new FutureTask<>(() -> server.benchmarkUntilKilled(CLIENTS));
        new Thread(load, "pgbench").start();
        Thread.sleep(LOAD_MILLIS);
        killer.kill();
        long answered = load.get();
        assertTrue(answered > 0);
        committed += answered;
        kills++;
    }

    private void killDaemon() throws IOException, InterruptedException {
        assertTrue(ProcessHandle.of(volume.daemonPid()).orElseThrow().destroyForcibly());
        server.kill();
    }

    private void check() throws IOException, InterruptedException {
        server.checkRelations();
        assertEquals(
                "t",
                server.query("SELECT (SELECT coalesce(sum(delta), 0) FROM pgbench_history)"
                        + " = ALL (ARRAY[(SELECT sum(abalance) FROM pgbench_accounts),"
                        + " (SELECT sum(tbalance) FROM pgbench_tellers),"
                        + " (SELECT sum(bbalance) FROM pgbench_branches)])"));
        long found = Long.parseLong(server.query("SELECT count(*) FROM pgbench_history"));
        assertTrue(found >= committed, () -> found + " transactions, at least " + committed + " expected");
        assertTrue(found <= committed + (long) kills * CLIENTS, () -> found + " transactions, not " + committed);
    }
}
