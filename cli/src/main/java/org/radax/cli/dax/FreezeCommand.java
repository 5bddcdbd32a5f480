package org.radax.cli.dax;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code radax freeze}: brings a mount to rest, for a copy of its pool. */
@Command(
        name = "freeze",
        description = {
            "Makes a mount durable and holds up all that would change it, until radax thaw.",
            "A copy of the pool that is made meanwhile mounts with nothing to recover. Reads go on."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class FreezeCommand implements Callable<Integer> {
    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Thaw after so many seconds if nobody has (1 to 3600; ${DEFAULT-VALUE}).")
    private long limitSeconds;

    @Parameters(paramLabel = "DIR", description = "The mount point.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath at = MountedPath.ofMountPoint(path);
        at.pushOut();
        at.ask(ControlProtocol.FREEZE, Map.of("limitSeconds", limitSeconds));
        return ExitCodes.OK;
    }
}
