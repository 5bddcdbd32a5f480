package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import org.radax.fuse.control.ControlClient;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code radax umount}: returns when the pool is closed and clean. */
@Command(
        name = "umount",
        description = "Unmounts; returns when the pool is closed and clean.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = ExitCodes.MOUNT_FAILED)
public final class UmountCommand implements Callable<Integer> {
    private static final Duration PING_PATIENCE = Duration.ofSeconds(10);
    private static final Duration CLOSE_PATIENCE = Duration.ofMinutes(11);
    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(30);

    @Parameters(paramLabel = "DIR", description = "The mount point.")
    private Path directory;

    @Override
    public Integer call() throws CommandFailure, MountException, ControlException, IOException, InterruptedException {
        Path mountPoint = MountPointPath.canonical(directory);
        if (MountPoints.isDead(mountPoint)) {
            MountPoints.cleanUpDead(mountPoint);
            return ExitCodes.OK;
        }
        Optional<Path> socket = MountDirectory.ofProcess().serving(mountPoint);
        if (socket.isPresent()) {
            askDaemon(socket.get());
        } else if (MountPoints.find(mountPoint).isPresent()) {
            // Not ours to ask, or its daemon does not answer: the kernel decides.
            MountPoints.unmount(mountPoint);
        } else {
            throw new CommandFailure(mountPoint + ": no Radax mount there; see /proc/mounts");
        }
        return ExitCodes.OK;
    }

    private static void askDaemon(Path socket)
            throws CommandFailure, ControlException, IOException, InterruptedException {
        try (ControlClient daemon = ControlClient.connect(socket)) {
            JsonObject ping = daemon.call(ControlProtocol.PING, Map.of(), PING_PATIENCE);
            DaemonProcess process = DaemonProcess.of(ping.getLong("pid"));
            daemon.call(ControlProtocol.UNMOUNT, Map.of(), CLOSE_PATIENCE);
            if (!process.awaitExit(EXIT_PATIENCE)) {
                throw new CommandFailure(
                        ExitCodes.SYSTEM,
                        "the pool is closed, but its daemon (process " + process.pid() + ") does not end; see its log");
            }
        }
    }
}
