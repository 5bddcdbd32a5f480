package org.radax.cli.dax;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import org.radax.fuse.mount.Mounted;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax dirty}: what is not durable yet of a file, or no sync has settled. */
@Command(
        name = "dirty",
        description = "Shows the dirty ranges of a file, of the files below a directory, or of all mounts.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class DirtyCommand implements Callable<Integer> {
    private static final long WATCH_MILLIS = 1000;

    /** One or the other. */
    static final class Where {
        @Parameters(paramLabel = "PATH|DIR", description = "A file or a directory on a mount.")
        private Path path;

        @Option(names = "-a", description = "All mounts that you may ask.")
        private boolean all;
    }

    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Where where;

    @Option(names = "--json", description = "Print a JSON object per file, each on a line.")
    private boolean json;

    @Option(names = "--watch", description = "Again each second, until interrupted.")
    private boolean watch;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        show(out);
        while (watch) {
            Thread.sleep(WATCH_MILLIS);
            out.println();
            show(out);
        }
        return ExitCodes.OK;
    }

    private void show(PrintWriter out) throws CommandFailure, MountException, ControlException, IOException {
        if (!where.all) {
            show(out, MountedPath.of(where.path));
        } else {
            for (Mounted mounted : MountPoints.all()) {
                show(out, MountedPath.of(mounted.mountPoint(), mounted.mountPoint()));
            }
        }
        out.flush();
    }

    private void show(PrintWriter out, MountedPath at) throws ControlException, IOException {
        Map<Long, JsonArray> ranges = new TreeMap<>();
        for (Object file : at.ask(ControlProtocol.DIRTY, Map.of()).getArray("files")) {
            JsonObject dirty = (JsonObject) file;
            ranges.put(dirty.getLong("ino"), dirty.getArray("ranges"));
        }
        if (!Files.isDirectory(at.path())) {
            print(out, at.path(), ranges.getOrDefault(at.ino(), new JsonArray()));
            return;
        }
        for (Map.Entry<Path, Long> named :
                FileNames.below(at.path(), ranges.keySet()).entrySet()) {
            print(out, named.getKey(), ranges.get(named.getValue()));
        }
    }

    private void print(PrintWriter out, Path path, JsonArray ranges) {
        if (json) {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("path", path.toString());
            file.put("ranges", ranges);
            out.println(JsonWriter.string(file));
            return;
        }
        for (Object each : ranges) {
            JsonObject range = (JsonObject) each;
            out.printf(
                    "%-9s %14d %12d  block %-10d %4d s%s%s  %s%n",
                    range.getString("tag"),
                    range.getLong("offset"),
                    range.getLong("length"),
                    range.getLong("poolBlock"),
                    range.getLong("ageSeconds"),
                    range.isNull("lockHolder") ? "" : "  locked by thread " + range.getLong("lockHolder"),
                    range.getInt("waiters") == 0 ? "" : "  " + range.getInt("waiters") + " waiting",
                    path);
        }
    }
}
