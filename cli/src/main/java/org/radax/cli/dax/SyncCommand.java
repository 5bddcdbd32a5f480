package org.radax.cli.dax;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax sync}: fsync of a file, or of a whole volume; what the page cache holds of a file goes first. */
@Command(
        name = "sync",
        description = "Makes a file durable, or with a mount point the volume, lazily written pages included.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class SyncCommand implements Callable<Integer> {
    private static final long SYS_SYNC_FILE_RANGE = 277;
    private static final long WRITE_AND_WAIT = 7;

    @Spec
    private CommandSpec spec;

    @Option(names = "--explain", description = "Say what was done for a file.")
    private boolean explain;

    @Parameters(paramLabel = "PATH", description = "A file, or a mount point.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath at = MountedPath.of(path);
        if (Files.isDirectory(at.path())) {
            if (explain || !at.path().equals(at.mountPoint())) {
                throw new CommandFailure(
                        ExitCodes.USAGE,
                        at.path() + ": a directory; name a file"
                                + (explain ? "" : ", or the mount point " + at.mountPoint()));
            }
            at.ask(ControlProtocol.SYNC, Map.of());
            return ExitCodes.OK;
        }
        pushOut(at.path());
        JsonObject done = at.ask(ControlProtocol.SYNC, Map.of("ino", at.ino()));
        if (explain) {
            spec.commandLine().getOut().print(Trees.text(done));
            spec.commandLine().getOut().flush();
        }
        return ExitCodes.OK;
    }

    /** What the kernel's page cache holds is written to the daemon, which syncs it then. */
    private static void pushOut(Path path) throws CommandFailure {
        int fd = LibC.INSTANCE.open(path.toString(), 0, 0);
        if (fd < 0) {
            throw new CommandFailure(path + ": can not be opened: " + LibC.lastError());
        }
        try {
            if (LibC.INSTANCE.syscall(SYS_SYNC_FILE_RANGE, fd, 0, 0, WRITE_AND_WAIT, 0, 0) != 0) {
                throw new CommandFailure(path + ": can not be synced: " + LibC.lastError());
            }
        } finally {
            LibC.INSTANCE.close(fd);
        }
    }
}
