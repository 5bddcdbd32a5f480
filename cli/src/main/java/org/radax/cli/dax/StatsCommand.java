package org.radax.cli.dax;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax stats}: what a mount has done since it was made. */
@Command(
        name = "stats",
        description = "Shows how long the requests of a mount took, by kind, and what was written back.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class StatsCommand implements Callable<Integer> {
    private static final Map<String, String> QUANTILES =
            Map.of("p50Micros", "0.5", "p99Micros", "0.99", "p999Micros", "0.999", "maxMicros", "1");

    /** At most one of them. */
    static final class Form {
        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Option(names = "--prometheus", description = "Print Prometheus' text format.")
        private boolean prometheus;
    }

    @Spec
    private CommandSpec spec;

    @ArgGroup
    private Form form = new Form();

    @Parameters(paramLabel = "DIR", description = "The mount point, or a path on the mount.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath at = MountedPath.of(path);
        JsonObject stats = at.ask(ControlProtocol.STATS, Map.of());
        PrintWriter out = spec.commandLine().getOut();
        if (form.prometheus) {
            printMetrics(out, stats, at.mountPoint());
        } else {
            out.print(form.json ? Trees.json(stats) + "\n" : Trees.text(stats));
        }
        out.flush();
        return ExitCodes.OK;
    }

    /** Times in seconds, as that format wants them. */
    private static void printMetrics(PrintWriter out, JsonObject stats, Path mountPoint) {
        String mount = "mount=\"" + mountPoint.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        out.println("# TYPE radax_request_seconds summary");
        stats.getObject("requests").forEach((name, value) -> {
            JsonObject kind = (JsonObject) value;
            String labels = mount + ",request=\"" + name + "\"";
            QUANTILES.forEach((field, quantile) -> out.printf(
                    Locale.ROOT,
                    "radax_request_seconds{%s,quantile=\"%s\"} %.9f%n",
                    labels,
                    quantile,
                    kind.getDouble(field) / 1e6));
            double seconds = kind.getDouble("meanMicros") / 1e6 * kind.getLong("count");
            out.printf(Locale.ROOT, "radax_request_seconds_sum{%s} %.6f%n", labels, seconds);
            out.printf("radax_request_seconds_count{%s} %d%n", labels, kind.getLong("count"));
        });
        stats.getObject("faults").forEach((name, value) -> {
            String metric = "radax_faults_" + snake(name) + "_total";
            out.println("# TYPE " + metric + " counter");
            out.println(metric + "{" + mount + "} " + value);
        });
        stats.getObject("writeback").forEach((name, value) -> {
            String metric = "radax_writeback_" + snake(name);
            boolean gauge = name.equals("files") || name.equals("dirtyPages");
            out.println("# TYPE " + metric + (gauge ? " gauge" : "_total counter"));
            out.println(metric + (gauge ? "" : "_total") + "{" + mount + "} " + value);
        });
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
