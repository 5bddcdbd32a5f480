package org.radax.cli.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The man page of a command, in the language of man(7). */
final class ManPage {
    private static final int SECTION = 8;

    private final CommandSpec command;
    private final String version;
    private final StringBuilder text = new StringBuilder();

    ManPage(CommandSpec command, String version) {
        this.command = command;
        this.version = version;
    }

    /** {@code radax-mount}. */
    static String nameOf(CommandSpec command) {
        return command.qualifiedName("-");
    }

    /** {@code radax-mount.8}. */
    static String fileOf(CommandSpec command) {
        return nameOf(command) + "." + SECTION;
    }

    /** Commands a user gives: those that help shows. */
    static List<CommandSpec> subcommandsOf(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(spec -> !spec.usageMessage().hidden())
                .toList();
    }

    String troff() {
        String[] description = command.usageMessage().description();
        line(".TH %s %d \"\" \"%s\" \"Radax\"", nameOf(command).toUpperCase(Locale.ROOT), SECTION, version);
        section("NAME");
        line("%s \\- %s", escape(nameOf(command)), escape(firstSentence(description[0])));
        section("SYNOPSIS");
        line(".nf");
        paragraph(new CommandLine.Help(command, new CommandLine.Help.ColorScheme.Builder(Ansi.OFF).build())
                .synopsis(0)
                .strip());
        line(".fi");
        section("DESCRIPTION");
        for (String part : description) {
            paragraph(part);
            line(".PP");
        }
        arguments("ARGUMENTS", new ArrayList<>(command.positionalParameters()));
        arguments("OPTIONS", new ArrayList<>(command.options()));
        List<CommandSpec> subcommands = subcommandsOf(command);
        if (!subcommands.isEmpty()) {
            section("COMMANDS");
            for (CommandSpec subcommand : subcommands) {
                entry(escape(subcommand.name()), subcommand.usageMessage().description());
            }
        }
        String[] footer = command.usageMessage().footer();
        for (String part : footer) {
            paragraph(part);
        }
        seeAlso(subcommands);
        return text.toString();
    }

    private void arguments(String title, List<ArgSpec> arguments) {
        List<ArgSpec> shown = arguments.stream().filter(arg -> !arg.hidden()).toList();
        if (shown.isEmpty()) {
            return;
        }
        section(title);
        for (ArgSpec argument : shown) {
            String[] description = Arrays.stream(argument.description())
                    .map(part -> part.replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValueString(true)))
                            .replace("${COMPLETION-CANDIDATES}", candidates(argument))
                            .replace("%%", "%"))
                    .toArray(String[]::new);
            entry(labelOf(argument), description);
        }
    }

    private static String candidates(ArgSpec argument) {
        return argument.completionCandidates() == null ? "" : String.join(", ", argument.completionCandidates());
    }

    private static String labelOf(ArgSpec argument) {
        if (argument instanceof PositionalParamSpec) {
            return "\\fI" + escape(argument.paramLabel()) + "\\fR";
        }
        OptionSpec option = (OptionSpec) argument;
        String names = Arrays.stream(option.names())
                .map(name -> "\\fB" + escape(name) + "\\fR")
                .collect(Collectors.joining(", "));
        if (option.arity().max() == 0) {
            return names;
        }
        boolean isLong = option.longestName().startsWith("--");
        return names + (isLong ? "=" : " ") + "\\fI" + escape(option.paramLabel()) + "\\fR";
    }

    private void seeAlso(List<CommandSpec> subcommands) {
        List<CommandSpec> related = command.parent() == null ? subcommands : List.of(command.parent());
        section("SEE ALSO");
        line(
                "%s",
                related.stream()
                        .map(spec -> ".BR " + escape(nameOf(spec)) + " (" + SECTION + ")")
                        .collect(Collectors.joining("\n")));
    }

    private void entry(String label, String[] description) {
        line(".TP");
        line("%s", label);
        for (String part : description) {
            paragraph(part);
        }
    }

    private void section(String title) {
        line(".SH %s", title);
    }

    private void paragraph(String content) {
        content.lines().forEach(part -> line("%s", escape(part)));
    }

    private void line(String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    private static String firstSentence(String description) {
        int end = description.indexOf(". ");
        String sentence = end < 0 ? description : description.substring(0, end);
        String bare = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
        return bare.isEmpty() ? bare : bare.substring(0, 1).toLowerCase(Locale.ROOT) + bare.substring(1);
    }

    /** A line that begins with a dot or a quote would be a request; a bare hyphen would become a dash. */
    private static String escape(String plain) {
        String escaped = plain.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
