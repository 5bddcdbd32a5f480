package org.radax.cli.dax;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Sizes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax scrub}: verifies all checksums of a mount, while others go on working. */
@Command(
        name = "scrub",
        description = {
            "Verifies every checksum of a mounted volume, while others go on working.",
            "Says what is damaged and changes nothing: radax fsck repairs, unmounted. Ctrl-C ends it.",
            "Exit codes: 0 nothing damaged, 4 damage found, 8 could not run or not to its end, 16 usage."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.FSCK_USAGE,
        exitCodeOnExecutionException = ExitCodes.FSCK_NOT_RUN)
public final class ScrubCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say how long it took, and how fast that was.")
    private boolean verbose;

    @Parameters(paramLabel = "DIR", description = "The mount point.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath at = mountPoint();
        JsonObject report = scrub(at);
        for (Object finding : report.getArray("findings")) {
            place((JsonObject) finding, at.mountPoint());
        }
        int exitCode = report.getLong("findingCount") == 0 ? ExitCodes.OK : ExitCodes.FSCK_ERRORS_LEFT;
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("mountPoint", at.mountPoint().toString());
            tree.put("exitCode", exitCode);
            tree.putAll(report);
            out.println(Trees.json(tree));
        } else {
            print(out, at.mountPoint(), report);
        }
        out.flush();
        return exitCode;
    }

    /** With the exit codes of this command. */
    private MountedPath mountPoint() throws CommandFailure, MountException {
        try {
            return MountedPath.ofMountPoint(path);
        } catch (CommandFailure e) {
            boolean isUsage = e.exitCode(ExitCodes.FSCK_NOT_RUN) == ExitCodes.USAGE;
            throw new CommandFailure(isUsage ? ExitCodes.FSCK_USAGE : ExitCodes.FSCK_NOT_RUN, e.getMessage());
        }
    }

    private JsonObject scrub(MountedPath at) throws ControlException, IOException {
        if (json || !Boolean.getBoolean("radax.tty")) {
            return at.ask(ControlProtocol.SCRUB, Map.of(), state -> {});
        }
        try (ProgressBar bar = new ProgressBar("scrubbing", 1)) {
            return at.ask(ControlProtocol.SCRUB, Map.of(), state -> {
                bar.maxHint(state.getLong("wholeBlocks"));
                bar.stepTo(state.getLong("doneBlocks"));
            });
        }
    }

    /** Paths of the volume become paths of the mount. */
    private static void place(JsonObject finding, Path mountPoint) {
        String below = finding.getString("path");
        if (below != null) {
            finding.put("path", mountPoint + (below.equals("/") ? "" : below));
        }
    }

    private void print(PrintWriter out, Path mountPoint, JsonObject report) {
        long count = report.getLong("findingCount");
        for (Object each : report.getArray("findings")) {
            out.println(line((JsonObject) each));
        }
        if (count > report.getArray("findings").size()) {
            out.println("and " + (count - report.getArray("findings").size()) + " more");
        }
        out.print(Trees.text(report.getObject("counts")));
        if (verbose) {
            double seconds = report.getDouble("seconds");
            long aSecond = Math.round(report.getLong("bytes") / Math.max(seconds, 0.001));
            out.printf(Locale.ROOT, "%.3f s, %s/s%n", seconds, Sizes.human(aSecond));
        }
        out.println(mountPoint + ": " + Sizes.human(report.getLong("bytes")) + " verified, "
                + (count == 0
                        ? "nothing damaged"
                        : count + " damaged, and what hangs below not looked at; unmount it and run radax fsck"));
    }

    /** {@code tree node in block 81, inode 33 /mnt/file: checksum 0x12 expected, 0x34 found}. */
    private static String line(JsonObject finding) {
        StringBuilder line = new StringBuilder(finding.getString("structure"))
                .append(" in block ")
                .append(finding.getLong("poolBlock"));
        if (!finding.isNull("ino")) {
            line.append(", inode ").append(finding.getLong("ino"));
        }
        if (!finding.isNull("path")) {
            line.append(' ').append(finding.getString("path"));
        }
        return line.append(": ")
                .append(finding.getString("field"))
                .append(' ')
                .append(finding.getString("expected"))
                .append(" expected, ")
                .append(finding.getString("found"))
                .append(" found")
                .toString();
    }
}
