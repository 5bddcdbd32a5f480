package org.radax.cli.console;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The script this process was started by: commands that mount start it again, as a person would. */
public final class LauncherScript {
    private final Path script;

    private LauncherScript(Path script) {
        this.script = script;
    }

    public static LauncherScript ofProcess() throws CommandFailure {
        String path = System.getProperty("radax.launcher");
        if (path == null) {
            throw new CommandFailure(ExitCodes.SYSTEM, "start it with the radax launcher: it starts the mount daemon");
        }
        return new LauncherScript(Path.of(path));
    }

    /** Runs {@code radax arguments…}; a failure carries its line and its exit code. */
    public String run(String... arguments) throws CommandFailure, IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int code = process.waitFor();
        if (code != 0) {
            throw new CommandFailure(code, output);
        }
        return output;
    }
}
