package org.radax.cli.manual;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax man}. */
@Command(
        name = "man",
        description = {
            "Prints the man page of radax or of one of its commands, or writes all of them to a directory.",
            "To read one: radax man mount | man -l -"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class ManCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--output", paramLabel = "DIR", description = "Write all pages there, made if missing.")
    private Path output;

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command; without it radax itself.")
    private String command;

    @Override
    public Integer call() throws CommandFailure, IOException {
        CommandSpec root = spec.root();
        String version = new Version().getVersion()[0];
        if (output == null) {
            spec.commandLine().getOut().print(new ManPage(find(root), version).troff());
            return 0;
        }
        if (command != null) {
            throw new CommandFailure("--output writes the pages of all commands; leave out " + command);
        }
        Files.createDirectories(output);
        List<CommandSpec> all = new ArrayList<>(List.of(root));
        all.addAll(ManPage.subcommandsOf(root));
        for (CommandSpec page : all) {
            Files.writeString(
                    output.resolve(ManPage.fileOf(page)), new ManPage(page, version).troff(), StandardCharsets.UTF_8);
        }
        spec.commandLine().getOut().println(all.size() + " pages written to " + output);
        return 0;
    }

    private CommandSpec find(CommandSpec root) throws CommandFailure {
        if (command == null) {
            return root;
        }
        return ManPage.subcommandsOf(root).stream()
                .filter(candidate -> candidate.name().equals(command))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(command + ": no such command; see radax --help"));
    }
}
