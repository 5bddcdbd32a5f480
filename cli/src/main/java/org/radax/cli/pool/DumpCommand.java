package org.radax.cli.pool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.core.check.Dumper;
import org.radax.core.error.PoolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax dump}: structures as they lie in the pool. */
@Command(
        name = "dump",
        description =
                "Shows structures as they lie in the pool: super | group N | inode N | extents PATH | dir PATH | journal.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class DumpCommand implements Callable<Integer> {
    /** What can be shown, and what its argument is called (empty: it has none). */
    private static final Map<String, String> STRUCTURES =
            Map.of("super", "", "group", "N", "inode", "N", "extents", "PATH", "dir", "PATH", "journal", "");

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private Path pool;

    @Parameters(index = "1", paramLabel = "WHAT", description = "super, group, inode, extents, dir or journal.")
    private String what;

    @Parameters(
            index = "2",
            paramLabel = "N|PATH",
            arity = "0..1",
            description = "Number of the group or inode, or path within the volume.")
    private String argument;

    @Override
    public Integer call() throws CommandFailure, PoolException {
        Path path = pool.toAbsolutePath().normalize();
        checkArgument();
        if (!Files.exists(path)) {
            throw new CommandFailure(path + ": no such pool");
        }
        Object tree = Dumper.dump(path, what, argument);
        spec.commandLine().getOut().print(json ? Trees.json(tree) + "\n" : Trees.text(tree));
        spec.commandLine().getOut().flush();
        return ExitCodes.OK;
    }

    private void checkArgument() throws CommandFailure {
        String wanted = STRUCTURES.get(what);
        if (wanted == null) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "'" + what + "' can not be dumped; give super, group, inode, extents, dir or journal");
        }
        if (wanted.isEmpty() != (argument == null)) {
            throw new CommandFailure(
                    ExitCodes.USAGE, wanted.isEmpty() ? what + " takes no argument" : what + " needs " + wanted);
        }
        if (wanted.equals("N") && !argument.matches("\\d{1,18}")) {
            throw new CommandFailure(ExitCodes.USAGE, what + " " + argument + ": not a number");
        }
    }
}
