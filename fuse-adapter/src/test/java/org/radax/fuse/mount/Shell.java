package org.radax.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Runs a command line and keeps what it said. */
final class Shell {
    record Result(int status, String output) {}

    private Shell() {}

    static Result run(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
