package org.radax.cli.dax;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
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

/** {@code radax clients}: the processes that have files of a mount mapped onto the pool. */
@Command(
        name = "clients",
        description = "Shows the processes that have files of a mount mapped onto the pool.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class ClientsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Parameters(paramLabel = "DIR", description = "The mount point, or a path on the mount.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath at = MountedPath.of(path);
        JsonArray clients = at.ask(ControlProtocol.CLIENTS, Map.of()).getArray("clients");
        name(clients, at.mountPoint());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Trees.json(clients));
        } else {
            print(out, clients);
        }
        out.flush();
        return ExitCodes.OK;
    }

    /** A file without a name any more keeps its number alone. */
    private static void name(JsonArray clients, Path mountPoint) throws IOException {
        Set<Long> inodes = new HashSet<>();
        for (Object client : clients) {
            for (Object file : ((JsonObject) client).getArray("files")) {
                inodes.add(((JsonObject) file).getLong("ino"));
            }
        }
        Map<Long, Path> names = new HashMap<>();
        FileNames.below(mountPoint, inodes).forEach((path, ino) -> names.put(ino, path));
        for (Object each : clients) {
            JsonObject client = (JsonObject) each;
            client.put("command", command(client.getInt("pid")));
            for (Object file : client.getArray("files")) {
                Path path = names.get(((JsonObject) file).getLong("ino"));
                ((JsonObject) file).put("path", path == null ? null : path.toString());
            }
        }
    }

    /** Null of a process that has ended meanwhile. */
    private static String command(int pid) {
        try {
            return Files.readString(Path.of("/proc", Integer.toString(pid), "comm"))
                    .strip();
        } catch (IOException e) {
            return null;
        }
    }

    private static void print(PrintWriter out, JsonArray clients) {
        for (Object each : clients) {
            JsonObject client = (JsonObject) each;
            for (Object of : client.getArray("files")) {
                JsonObject file = (JsonObject) of;
                out.printf(
                        "process %d (%s) of user %d: %s %d bytes in %d regions of %s%s%n",
                        client.getInt("pid"),
                        client.getString("command", "ended"),
                        client.getInt("uid"),
                        file.getBoolean("writable") ? "writes" : "reads",
                        file.getLong("mappedBytes"),
                        file.getInt("regions"),
                        file.getString("path", "inode " + file.getLong("ino")),
                        file.getBoolean("quarantined") ? "; it does not answer, its blocks are kept out of use" : "");
            }
        }
    }
}
