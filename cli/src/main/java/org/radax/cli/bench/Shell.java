package org.radax.cli.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.radax.cli.console.CommandFailure;

/** Runs programs of the machine. */
final class Shell {
    private Shell() {}

    /** Standard output of a program that must succeed. */
    static String run(String... command) throws CommandFailure, IOException, InterruptedException {
        return run(List.of(command));
    }

    static String run(List<String> command) throws CommandFailure, IOException, InterruptedException {
        Path errors = Files.createTempFile("radax-bench", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectError(errors.toFile())
                    .start();
            String output;
            try {
                output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() == 0) {
                    return output;
                }
            } finally {
                process.destroy();
            }
            String reason = Files.readString(errors).strip();
            throw new CommandFailure(command.get(0) + ": "
                    + (reason.isEmpty() ? output.strip() : reason)
                            .lines()
                            .findFirst()
                            .orElse("failed"));
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    static boolean has(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return Files.isExecutable(Path.of("/usr/sbin", program)) || Files.isExecutable(Path.of("/sbin", program));
    }
}
