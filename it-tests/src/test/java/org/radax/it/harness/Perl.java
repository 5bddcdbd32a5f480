package org.radax.it.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of src/test/perl: signals, forks and system calls that a JVM is the wrong process for. */
public final class Perl {
    private Perl() {}

    /** Runs a program to its end, which must be a good one; returns the lines it printed. */
    public static List<String> run(String program, Object... arguments) throws IOException, InterruptedException {
        return start(program, arguments).ok().out().lines().toList();
    }

    public static Run start(String program, Object... arguments) throws IOException, InterruptedException {
        return Run.of(command(program, arguments).toArray(new String[0]));
    }

    public static List<String> command(String program, Object... arguments) {
        Path programs = Environment.project().resolve("it-tests/src/test/perl");
        List<String> command = new ArrayList<>(List.of("perl", "-I" + programs, programs.resolve(program) + ".pl"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }
}
