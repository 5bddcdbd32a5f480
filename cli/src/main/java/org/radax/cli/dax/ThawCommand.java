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
import picocli.CommandLine.Parameters;

/** {@code radax thaw}: ends {@code radax freeze}. */
@Command(
        name = "thaw",
        description = "Lets go on what radax freeze holds up.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class ThawCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The mount point.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException {
        MountedPath.ofMountPoint(path).ask(ControlProtocol.THAW, Map.of());
        return ExitCodes.OK;
    }
}
