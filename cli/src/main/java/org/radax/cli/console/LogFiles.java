package org.radax.cli.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.radax.core.os.LibC;

/**
 * Where logs go: {@code /var/log/radax} for root, {@code $XDG_STATE_HOME/radax} (by default {@code
 * ~/.local/state/radax}) for others; {@code RADAX_LOG_DIR} overrides. One file per mount point, and {@code
 * radax.log} for what a command has to say beyond its one line.
 */
public final class LogFiles {
    private static final long ROTATE_AT_BYTES = 1 << 20;

    private LogFiles() {}

    /** The log of the mount at {@code mountPoint}, its directory made; one over 1 MiB is moved aside. */
    public static Path forMount(Path mountPoint) throws CommandFailure {
        String name = mountPoint.toString().substring(1).replace('/', '-');
        Path log = directory().resolve((name.length() > 200 ? name.substring(name.length() - 200) : name) + ".log");
        try {
            Files.createDirectories(log.getParent());
            if (Files.exists(log) && Files.size(log) > ROTATE_AT_BYTES) {
                Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            return log;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.SYSTEM, log + ": no log can be written: " + e.getMessage() + "; set RADAX_LOG_DIR");
        }
    }

    /** Keeps the stack trace of a bug; returns where, or the reason why not. */
    public static String keep(Throwable bug) {
        Path log = directory().resolve("radax.log");
        try {
            Files.createDirectories(log.getParent());
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(
                    log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
                out.println(Instant.now());
                bug.printStackTrace(out);
            }
            return log.toString();
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    private static Path directory() {
        String override = System.getenv("RADAX_LOG_DIR");
        if (override != null && !override.isEmpty()) {
            return Path.of(override).toAbsolutePath();
        }
        if (LibC.INSTANCE.geteuid() == 0) {
            return Path.of("/var/log/radax");
        }
        String state = System.getenv("XDG_STATE_HOME");
        return (state != null && !state.isEmpty()
                        ? Path.of(state)
                        : Path.of(System.getProperty("user.home"), ".local", "state"))
                .resolve("radax");
    }
}
