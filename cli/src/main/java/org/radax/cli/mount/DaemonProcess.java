package org.radax.cli.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Another process, by number and start time, so that a reused number does not deceive. */
final class DaemonProcess {
    /** Fields of /proc/PID/stat after the command's closing parenthesis. */
    private static final int STATE_FIELD = 0;

    private static final int START_FIELD = 19;
    private static final int POLL_MILLIS = 5;

    private final long pid;
    private final Optional<String> start;

    private DaemonProcess(long pid) {
        this.pid = pid;
        this.start = startTime();
    }

    static DaemonProcess of(long pid) {
        return new DaemonProcess(pid);
    }

    long pid() {
        return pid;
    }

    /** Returns whether it ended in time. One that ended but was not reaped yet counts: its files are closed. */
    boolean awaitExit(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (start.isPresent() && startTime().equals(start)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /** Empty when it ended. */
    private Optional<String> startTime() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[STATE_FIELD].equals("Z") ? Optional.empty() : Optional.of(fields[START_FIELD]);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
