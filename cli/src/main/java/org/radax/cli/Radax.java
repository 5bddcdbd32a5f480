package org.radax.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.radax.cli.bench.BenchCommand;
import org.radax.cli.console.ErrorLines;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import org.radax.cli.dax.ClientsCommand;
import org.radax.cli.dax.DaxCommand;
import org.radax.cli.dax.DirtyCommand;
import org.radax.cli.dax.FreezeCommand;
import org.radax.cli.dax.ScrubCommand;
import org.radax.cli.dax.StatsCommand;
import org.radax.cli.dax.SyncCommand;
import org.radax.cli.dax.ThawCommand;
import org.radax.cli.manual.CompletionCommand;
import org.radax.cli.manual.ManCommand;
import org.radax.cli.mount.LauncherReply;
import org.radax.cli.mount.MountCommand;
import org.radax.cli.mount.MountHelperCommand;
import org.radax.cli.mount.UmountCommand;
import org.radax.cli.pool.DumpCommand;
import org.radax.cli.pool.FsckCommand;
import org.radax.cli.pool.InfoCommand;
import org.radax.cli.pool.MkfsCommand;
import org.radax.cli.quickstart.QuickstartCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** The command and its subcommands. */
@Command(
        name = "radax",
        description = "A filesystem on byte-addressable memory: shared memory, files, and DAX devices.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            QuickstartCommand.class,
            MkfsCommand.class,
            MountCommand.class,
            MountHelperCommand.class,
            UmountCommand.class,
            FsckCommand.class,
            InfoCommand.class,
            DumpCommand.class,
            DirtyCommand.class,
            ClientsCommand.class,
            SyncCommand.class,
            FreezeCommand.class,
            ThawCommand.class,
            DaxCommand.class,
            StatsCommand.class,
            ScrubCommand.class,
            BenchCommand.class,
            ManCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            WarmUpCommand.class,
            HelpCommand.class
        },
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        footer = {"", "New here? Try: radax quickstart"})
public final class Radax implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** Runs one command line; for tests too. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        ErrorLines errors = new ErrorLines();
        return new CommandLine(new Radax())
                .setOut(out)
                .setErr(err)
                .setExecutionStrategy(Radax::runLast)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .execute(arguments);
    }

    /** An Error, which picocli lets pass, is a failure of its command: the JVM would end with 1, fsck's "repaired". */
    private static int runLast(ParseResult parsed) {
        try {
            return new RunLast().execute(parsed);
        } catch (Error e) {
            List<CommandLine> commands = parsed.asCommandLineList();
            throw new ExecutionException(commands.get(commands.size() - 1), e.toString(), e);
        }
    }

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(LauncherReply.standardError(), true, StandardCharsets.UTF_8);
        int code = run(out, err, arguments);
        out.flush();
        err.flush();
        LauncherReply.finish(code);
        System.exit(code);
    }
}
