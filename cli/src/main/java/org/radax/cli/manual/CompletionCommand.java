package org.radax.cli.manual;

import java.util.concurrent.Callable;
import org.radax.cli.console.Version;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code radax completion}. */
@Command(
        name = "completion",
        description = {"Prints completion for bash and zsh.", "To have it in this shell: source <(radax completion)"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        spec.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
        return 0;
    }
}
