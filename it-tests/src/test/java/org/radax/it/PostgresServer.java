package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;

/** A PostgreSQL server of a user without privileges, reached by a socket beside its log; killed by {@link #close}. */
final class PostgresServer implements AutoCloseable {
    private static final String PROGRAMS = "/usr/lib/postgresql/15/bin/";
    private static final String NOBODY = "65534";
    private static final Pattern PROCESSED = Pattern.compile("transactions actually processed: (\\d+)");

    private final Path data;
    private final Path directory;
    private List<ProcessHandle> postmaster = List.of();

    /** {@code directory} is for socket and log; both directories are made, their parents are open to all. */
    PostgresServer(Path data, Path directory) throws IOException, InterruptedException {
        this.data = Files.createDirectory(data);
        this.directory = Files.createDirectory(directory);
        Run.of("chown", NOBODY + ":" + NOBODY, data.toString(), directory.toString())
                .ok();
    }

    static void needed() {
        for (String program : List.of("initdb", "pg_ctl", "psql", "pgbench", "pg_amcheck", "pg_checksums")) {
            Environment.needsProgram(PROGRAMS + program);
        }
    }

    private Run program(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--inh-caps=-all"));
        command.add(PROGRAMS + name);
        command.addAll(List.of(arguments));
        Map<String, String> environment = Map.of(
                "PGHOST",
                directory.toString(),
                "PGUSER",
                "postgres",
                "PGDATABASE",
                "postgres",
                "PGDATA",
                data.toString());
        return Run.of(directory, environment, command);
    }

    /** Makes a cluster with checksums, and caches and logs so small that they turn over in a short test. */
    void initialise(String... settings) throws IOException, InterruptedException {
        program("initdb", "--data-checksums", "-U", "postgres").ok();
        List<String> lines = new ArrayList<>(List.of(
                "listen_addresses = ''",
                "unix_socket_directories = '" + directory + "'",
                "dynamic_shared_memory_type = mmap",
                "shared_buffers = 8MB",
                "min_wal_size = 32MB",
                "max_wal_size = 48MB"));
        lines.addAll(List.of(settings));
        Files.write(data.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
    }

    /** Returns when it serves, recovered if it was killed. */
    void start() throws IOException, InterruptedException {
        Path log = directory.resolve("log");
        Run run = program("pg_ctl", "start", "-D", data.toString(), "-w", "-t", "500", "-l", log.toString());
        Path pid = data.resolve("postmaster.pid");
        if (Files.exists(pid)) {
            postmaster = ProcessHandle.of(Long.parseLong(Files.readAllLines(pid).get(0)))
                    // Not whoever has the number of a server killed before.
                    .filter(process -> process.info().commandLine().orElse("").contains(data.toString()))
                    .map(List::of)
                    .orElse(List.of());
        }
        assertEquals(0, run.code(), run + "\n" + Files.readString(log));
    }

    void stop() throws IOException, InterruptedException {
        program("pg_ctl", "stop", "-w", "-m", "fast").ok();
        postmaster = List.of();
    }

    /** Kills all of its processes at once; returns when they are gone. */
    void kill() throws IOException, InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(postmaster);
        for (ProcessHandle process : postmaster) {
            // Stopped first, so that it has no more children.
            Run.of("kill", "-STOP", Long.toString(process.pid()));
            process.descendants().forEach(all::add);
        }
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
        postmaster = List.of();
    }

    String query(String sql) throws IOException, InterruptedException {
        return program("psql", "-XAtc", sql).ok().out().strip();
    }

    void makeBenchmark(int scale) throws IOException, InterruptedException {
        program("pgbench", "-q", "-i", "-s", Integer.toString(scale)).ok();
    }

    /** Runs until the server is gone; returns how many transactions were answered as committed. */
    long benchmarkUntilKilled(int clients) throws IOException, InterruptedException {
        Run run = program("pgbench", "-n", "-T", "600", "-c", Integer.toString(clients));
        assertEquals(2, run.code(), run::toString);
        Matcher matcher = PROCESSED.matcher(run.out());
        assertTrue(matcher.find(), run::toString);
        return Long.parseLong(matcher.group(1));
    }

    /** Every table and index, by PostgreSQL's own checker. */
    void checkRelations() throws IOException, InterruptedException {
        program("pg_amcheck", "--install-missing", "--heapallindexed", "--parent-check", "--rootdescend")
                .ok();
    }

    /** Every page's checksum; the server is stopped. */
    void checkPages() throws IOException, InterruptedException {
        program("pg_checksums", "--check").ok();
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while killing the server of " + data, e);
        }
    }
}
