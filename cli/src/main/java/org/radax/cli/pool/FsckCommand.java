package org.radax.cli.pool;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.cli.mount.BusyPools;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckProgress;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.check.Finding;
import org.radax.core.error.PoolException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax fsck}. */
@Command(
        name = "fsck",
        description = {
            "Checks a pool that is not mounted, and with -y repairs it.",
            "Exit codes as fsck(8): 0 clean, 1 repaired, 4 errors left, 8 could not run, 16 usage."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.FSCK_USAGE,
        exitCodeOnExecutionException = ExitCodes.FSCK_NOT_RUN)
public final class FsckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ArgGroup(exclusive = true)
    private Mode mode = new Mode();

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say what is mended, line by line.")
    private boolean verbose;

    @Option(
            names = "--data",
            description = "Compare files' data with its checksums, on pools made with --data-checksums.")
    private boolean data;

    @Parameters(paramLabel = "POOL", description = "The pool.")
    private Path pool;

    static final class Mode {
        @Option(names = "-n", description = "Change nothing (default).")
        private boolean checkOnly;

        @Option(names = "-y", description = "Repair what can be repaired.")
        private boolean repair;
    }

    @Override
    public Integer call() throws CommandFailure, PoolException {
        Path path = pool.toAbsolutePath().normalize();
        if (!Files.exists(path)) {
            throw new CommandFailure(path + ": no such pool");
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean repair = mode.repair && !mode.checkOnly;
        CheckReport report = BusyPools.open(path, () -> check(path, new CheckMode(repair, data), out));
        out.println(json ? Trees.json(tree(path, report)) : text(path, report, repair));
        return report.exitCode();
    }

    private CheckReport check(Path path, CheckMode what, PrintWriter out) throws PoolException {
        CheckProgress lines = line -> {
            if (verbose && !json) {
                out.println(line);
            }
        };
        if (json || !Boolean.getBoolean("radax.tty")) {
            return Checker.check(path, what, lines);
        }
        try (ProgressBar bar = new ProgressBar(what.repair() ? "repairing" : "checking", 1)) {
            return Checker.check(path, what, new CheckProgress() {
                @Override
                public void line(String line) {
                    lines.line(line);
                }

                @Override
                public void done(long done, long whole) {
                    bar.maxHint(whole);
                    bar.stepTo(done);
                }
            });
        }
    }

    private static Map<String, Object> tree(Path path, CheckReport report) {
        List<Map<String, Object>> findings = new ArrayList<>();
        for (Finding finding : report.findings()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("structure", finding.structure());
            one.put("poolOffset", finding.poolOffset());
            one.put("message", finding.message());
            one.put("repaired", finding.repaired());
            findings.add(one);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("pool", path.toString());
        tree.put("exitCode", report.exitCode());
        tree.put("findings", findings);
        tree.put("summary", report.summary());
        return tree;
    }

    private static String text(Path path, CheckReport report, boolean repair) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : report.findings()) {
            text.append(finding.structure())
                    .append(" at ")
                    .append(finding.poolOffset())
                    .append(": ")
                    .append(finding.message())
                    .append(finding.repaired() ? " (repaired)" : "")
                    .append('\n');
        }
        text.append(Trees.text(report.summary())).append(path).append(": ");
        return text.append(verdict(report, repair)).toString();
    }

    private static String verdict(CheckReport report, boolean repair) {
        return switch (report.exitCode()) {
            case 0 -> "clean";
            case 1 -> "repaired, " + report.findings().size() + " findings";
            default ->
                "errors left, " + report.findings().size() + " findings"
                        + (repair ? "" : "; radax fsck -y repairs what can be repaired");
        };
    }
}
