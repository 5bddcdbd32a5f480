package org.radax.cli.dax;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.mount.MountDirectory;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlClient;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import org.radax.fuse.mount.Mounted;

/** A path on a mount, and the daemon that serves it. */
record MountedPath(Path path, Path mountPoint, Path socket) {
    /** A sync of much takes its time. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** A daemon that tells how far it is tells it several times a second. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    static MountedPath of(Path given) throws CommandFailure, MountException {
        Path path;
        try {
            path = given.toRealPath();
        } catch (IOException e) {
            throw new CommandFailure(given + ": no such file or directory");
        }
        Optional<Mounted> mounted = MountPoints.all().stream()
                .filter(candidate -> path.startsWith(candidate.mountPoint()))
                .max((a, b) -> Integer.compare(
                        a.mountPoint().getNameCount(), b.mountPoint().getNameCount()));
        if (mounted.isEmpty()) {
            throw new CommandFailure(path + ": not on a Radax mount; see /proc/mounts");
        }
        return of(path, mounted.get().mountPoint());
    }

    static MountedPath of(Path path, Path mountPoint) throws CommandFailure, MountException {
        Optional<Path> socket = MountDirectory.ofProcess().serving(mountPoint);
        if (socket.isEmpty()) {
            throw new CommandFailure(
                    ExitCodes.SYSTEM, mountPoint + ": its daemon does not answer, or is another user's; try as root");
        }
        return new MountedPath(path, mountPoint, socket.get());
    }

    /** What is meant to be a mount point, and no path below one. */
    static MountedPath ofMountPoint(Path given) throws CommandFailure, MountException {
        MountedPath at = of(given);
        if (!at.path.equals(at.mountPoint)) {
            throw new CommandFailure(ExitCodes.USAGE, given + ": not a mount point; " + at.mountPoint + " is");
        }
        return at;
    }

    /** What the kernel has cached of the mount is written to the daemon. */
    void pushOut() throws CommandFailure {
        int fd = LibC.INSTANCE.open(mountPoint.toString(), LibC.O_RDONLY, 0);
        if (fd < 0) {
            throw new CommandFailure(mountPoint + ": can not be opened: " + LibC.lastError());
        }
        try {
            if (LibC.INSTANCE.syncfs(fd) != 0) {
                throw new CommandFailure(mountPoint + ": can not be synced: " + LibC.lastError());
            }
        } finally {
            LibC.INSTANCE.close(fd);
        }
    }

    long ino() throws IOException {
        return ino(path);
    }

    static long ino(Path path) throws IOException {
        return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
    }

    /** As {@link #ask}, for a verb that tells how far it is. */
    JsonObject ask(String verb, Map<String, Object> arguments, Consumer<JsonObject> progress)
            throws IOException, ControlException {
        try (ControlClient client = ControlClient.connect(socket)) {
            return client.call(verb, arguments, SILENCE, progress);
        }
    }

    JsonObject ask(String verb, Map<String, Object> arguments) throws IOException, ControlException {
        return ControlClient.ask(socket, verb, arguments, PATIENCE);
    }
}
