package org.radax.cli.mount;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.LogFiles;
import org.radax.core.error.PoolException;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlClient;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.mount.MountException;

/** What {@code radax mount} and mount(8)'s helper have in common: checks, then the daemon, or a remount. */
final class Mounting {
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Duration REMOUNT_PATIENCE = Duration.ofSeconds(60);
    private static final Set<String> REMOUNTABLE = Set.of("ro", "rw", "remount");

    private final PrintWriter out;
    private final boolean foreground;
    private final String domain;

    Mounting(PrintWriter out, boolean foreground, String domain) {
        this.out = out;
        this.foreground = foreground;
        this.domain = domain;
        // Before the first logger is made: the level is read once.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }

    /** {@code paths}: the pool and the mount point; the mount point alone will do for a remount. */
    void mount(List<Path> paths, OptionList options)
            throws CommandFailure, PoolException, MountException, ControlException, IOException {
        Path mountPoint = MountPointPath.canonical(paths.get(paths.size() - 1));
        if (options.remount()) {
            remount(mountPoint, options);
            return;
        }
        if (paths.size() != 2) {
            throw new CommandFailure(ExitCodes.USAGE, "two names are needed: the pool and the mount point");
        }
        Path pool = paths.get(0).toAbsolutePath().normalize();
        boolean root = LibC.INSTANCE.geteuid() == 0;
        MountRequest request = options.request(pool, mountPoint, root, domain);
        checkPool(pool);
        checkDevice();
        MountPointPath.prepare(mountPoint, request.mount().nonEmpty());
        serve(request);
    }

    private void serve(MountRequest request) throws CommandFailure, PoolException, MountException, ControlException {
        if (foreground) {
            new MountDaemon(request, "standard error")
                    .run(() -> out.println(
                            request.pool() + " mounted at " + request.mount().mountPoint() + "; Ctrl-C unmounts it"));
            return;
        }
        if (!LauncherReply.wanted()) {
            throw new CommandFailure(ExitCodes.SYSTEM, "start it with the radax launcher, or in front with -f");
        }
        Path log = LogFiles.forMount(request.mount().mountPoint());
        LauncherReply.detach(log);
        new MountDaemon(request, log.toString()).run(LauncherReply::ready);
    }

    private static void checkPool(Path pool) throws CommandFailure {
        if (!Files.exists(pool)) {
            throw new CommandFailure(pool + ": no such pool; make it with radax mkfs --size 1G " + pool);
        }
        if (Files.isDirectory(pool)) {
            throw new CommandFailure(pool + ": a directory, not a pool; name a pool made by radax mkfs");
        }
    }

    private static void checkDevice() throws CommandFailure {
        if (!Files.exists(DEVICE)) {
            throw new CommandFailure(DEVICE + ": missing; load the kernel's module with modprobe fuse");
        }
        if (LibC.INSTANCE.geteuid() != 0 && (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE))) {
            throw new CommandFailure(DEVICE + ": permission denied; ask root for mode 0666 on it");
        }
    }

    private static void remount(Path mountPoint, OptionList options)
            throws CommandFailure, MountException, ControlException, IOException {
        MountDirectory mounts = MountDirectory.ofProcess();
        Path socket = mounts.serving(mountPoint)
                .orElseThrow(() -> new CommandFailure(mountPoint + ": no Radax mount of yours to remount"));
        JsonObject mount = mounts.info(socket).getObject("mount", new JsonObject());
        JsonArray current = mount.getArray("options", new JsonArray());
        for (String option : options.explicit()) {
            if (!REMOUNTABLE.contains(option) && !current.contains(option)) {
                throw new CommandFailure(
                        ExitCodes.USAGE,
                        mountPoint + ": remount can not change '" + option + "'; only ro and rw, unmount for the rest");
            }
        }
        boolean readOnly = options.readOnly() == null ? current.contains("ro") : options.readOnly();
        ControlClient.ask(socket, ControlProtocol.REMOUNT, Map.of("readOnly", readOnly), REMOUNT_PATIENCE);
    }
}
