package org.radax.cli.mount;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.radax.cli.console.CommandFailure;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;

/** A mount point: its one true name, and whether a filesystem may be put there. */
final class MountPointPath {
    private MountPointPath() {}

    /** Absolute and without symbolic links, as the kernel's mount table has it; works on a dead mount too. */
    static Path canonical(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            // Missing, or a mount whose daemon is gone: its parent still has a real path.
            try {
                Path parent = absolute.getParent();
                return parent == null ? absolute : parent.toRealPath().resolve(absolute.getFileName());
            } catch (IOException missingParent) {
                return absolute;
            }
        }
    }

    /** Makes a dead mount point usable again and refuses what can not be mounted on. */
    static void prepare(Path mountPoint, boolean nonEmpty) throws CommandFailure, MountException {
        if (MountPoints.isDead(mountPoint)) {
            MountPoints.cleanUpDead(mountPoint);
        }
        if (!Files.exists(mountPoint)) {
            throw new CommandFailure(mountPoint + ": mount point does not exist; make it with mkdir");
        }
        if (!Files.isDirectory(mountPoint)) {
            throw new CommandFailure(mountPoint + ": mount point is not a directory; name a directory");
        }
        if (!nonEmpty && !isEmpty(mountPoint)) {
            throw new CommandFailure(
                    mountPoint + ": mount point is not empty; choose an empty directory or mount with -o nonempty");
        }
    }

    private static boolean isEmpty(Path directory) throws CommandFailure {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            throw new CommandFailure(directory + ": mount point can not be read: " + e.getMessage());
        }
    }
}
