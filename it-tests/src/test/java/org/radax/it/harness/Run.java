package org.radax.it.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a program did. */
public record Run(List<String> command, int code, String out, String err) {
    private static final long TIMEOUT_MINUTES = 10;

    /** Runs a program to its end; one that hangs is killed and fails the test. */
    public static Run of(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("radax-it", ".out");
        Path err = Files.createTempFile("radax-it", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            // Kept with the build's output: the machine's own log directory stays as it was.
            builder.environment()
                    .put(
                            "RADAX_LOG_DIR",
                            Environment.project()
                                    .resolve("it-tests/target/logs")
                                    .toString());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertTrue(process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES), () -> "hangs: " + command);
            } finally {
                process.destroyForcibly();
            }
            return new Run(
                    command,
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    public static Run of(String... command) throws IOException, InterruptedException {
        return of(null, Map.of(), List.of(command));
    }

    public static Run in(Path directory, String... command) throws IOException, InterruptedException {
        return of(directory, Map.of(), List.of(command));
    }

    /** Fails the test unless the program succeeded. */
    public Run ok() {
        return code(0);
    }

    public Run code(int expected) {
        assertEquals(expected, code, this::describe);
        return this;
    }

    /** The command failed the way a person can use: one line on standard error with these words, no stack trace. */
    public Run refused(int expected, String... words) {
        code(expected);
        String line = err.strip();
        assertTrue(!line.isEmpty() && line.lines().count() == 1, () -> "one line expected: " + describe());
        assertTrue(!line.contains("Exception") && !line.contains("\tat "), () -> "a trace: " + describe());
        for (String word : words) {
            assertTrue(line.contains(word), () -> "'" + word + "' expected in: " + describe());
        }
        return this;
    }

    private String describe() {
        return String.join(" ", command) + "\n→ " + code + "\n" + out + err;
    }
}
