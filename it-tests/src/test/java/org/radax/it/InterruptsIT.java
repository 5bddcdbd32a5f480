package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Requests of processes that are killed or signalled: none keeps a server thread, a lock, or the mount. */
final class InterruptsIT {
    /** Waiters are many times as many. */
    private static final String THREADS = "--threads=4";

    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    @BeforeEach
    void needCounts() throws IOException, InterruptedException {
        Environment.needsMount();
        if (!Volume.isMountPoint(CONNECTIONS)) {
            Run.of("mount", "-t", "fusectl", "fusectl", CONNECTIONS.toString()).ok();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"posix", "ofd", "flock"})
    @Tag("smoke")
    void shouldForgetKilledWaiters(String kind) throws Exception {
        assertScenario(
                List.of("waiting 64", "served 16", "signal 9: 64", "waiting 0", "served 16", "free"), "killed", kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"posix", "ofd", "flock"})
    void shouldTellWaitersOfSignals(String kind) throws Exception {
        assertScenario(
                List.of("waiting 64", "interrupted 32", "waiting 32", "exit 0: 32", "waiting 0", "free"),
                "signalled",
                kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"posix", "ofd", "flock"})
    void shouldPassOnTheLocksOfTheKilled(String kind) throws Exception {
        assertScenario(List.of("signal 9: 32", "waiting 0", "free"), "holders", kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none"})
    void shouldServeOnInAStormOfSignals(String cache) throws Exception {
        // A signal ends a copy where the kernel makes it, through libfuse 2.
        String copies = Environment.throughLibfuse() ? "pieces" : "whole";
        assertScenario(List.of("signal 9: 92", "waiting 0", "served 16"), "storm", copies, "--cache=" + cache);
    }

    private static void assertScenario(List<String> expected, String scenario, String kind, String... mountOptions)
            throws IOException, InterruptedException {
        try (Volume volume = mounted(mountOptions)) {
            Run run =
                    Perl.start("interrupts", scenario, volume.directory(), kind).ok();
            assertEquals(expected, run.out().lines().toList(), run::err);
            volume.unmount();
            volume.fsckClean();
        }
    }

    private static Volume mounted(String... options) throws IOException, InterruptedException {
        String[] all = List.of(List.of(THREADS), List.of(options)).stream()
                .flatMap(List::stream)
                .toArray(String[]::new);
        return Volume.mounted("1G", all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"umount -f DIR", "umount -l DIR", "kill -TERM PID", "kill -KILL PID"})
    void shouldEndWithRequestsWaiting(String end) throws Exception {
        try (Volume volume = mounted()) {
            long daemon = volume.daemonPid();
            String command = end.replace("DIR", volume.directory().toString()).replace("PID", Long.toString(daemon));
            assertEquals(
                    List.of("waiting 64", "umount 32", "waiting 64", "served 16", "ended 64"),
                    Perl.run("interrupts", "umount", volume.directory(), "posix", Environment.launcher(), command));
            ProcessHandle.of(daemon)
                    .ifPresent(process -> process.onExit()
                            .completeOnTimeout(null, 2, TimeUnit.MINUTES)
                            .join());
            assertTrue(ProcessHandle.of(daemon).isEmpty(), "the daemon does not end");
            volume.mount();
            assertEquals(
                    List.of("waiting 64", "served 16", "signal 9: 64", "waiting 0", "served 16", "free"),
                    Perl.run("interrupts", "killed", volume.directory(), "posix"));
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Nothing to wait for is left of a wait that was over before its process was killed. */
    @Test
    void shouldIgnoreInterruptsOfAnsweredRequests() throws Exception {
        try (Volume volume = mounted()) {
            for (int round = 0; round < 20; round++) {
                assertEquals(List.of("waiting 0", "free"), Perl.run("interrupts", "late", volume.directory(), "posix"));
            }
        }
    }
}
