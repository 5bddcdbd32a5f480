package org.radax.fuse.control;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.radax.core.os.LibC;

/**
 * Where control sockets lie: {@code /run/radax} for root, {@code $XDG_RUNTIME_DIR/radax} for others, {@code
 * /tmp/radax-UID} where that is not set; {@code RADAX_RUNTIME_DIR} overrides. A socket is named after its mount
 * point, so that either can be found from the other.
 */
public final class ControlSockets {
    private static final String SUFFIX = ".sock";

    private final Path ownDirectory;
    private final boolean root;

    ControlSockets(Path ownDirectory, boolean root) {
        this.ownDirectory = ownDirectory;
        this.root = root;
    }

    /** For the process's user and environment. */
    public static ControlSockets ofProcess() {
        return of(System.getenv(), LibC.INSTANCE.geteuid());
    }

    static ControlSockets of(Map<String, String> environment, int uid) {
        String override = environment.get("RADAX_RUNTIME_DIR");
        String xdg = environment.get("XDG_RUNTIME_DIR");
        Path directory;
        if (override != null && !override.isEmpty()) {
            directory = Path.of(override);
        } else if (uid == 0) {
            directory = Path.of("/run/radax");
        } else if (xdg != null && !xdg.isEmpty()) {
            directory = Path.of(xdg, "radax");
        } else {
            directory = Path.of("/tmp", "radax-" + Integer.toUnsignedString(uid));
        }
        return new ControlSockets(directory, uid == 0);
    }

    /** The directory of this user's sockets, made if need be; one that another user could write to is refused. */
    public Path makeDirectory() throws ControlException {
        return make(ownDirectory, "rwx------");
    }

    /**
     * The lease socket of the mount at {@code mountPoint}, in a directory that everybody can enter, made if need be: who
     * may map which file is decided by grants.
     */
    public Path makeLeaseSocket(Path mountPoint) throws ControlException {
        Path directory = ownDirectory.resolveSibling(ownDirectory.getFileName() + "-leases");
        return make(directory, "rwxr-xr-x").resolve(nameOf(mountPoint));
    }

    private static Path make(Path directory, String mode) throws ControlException {
        try {
            Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(directory.toAbsolutePath().getParent());
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissions));
            }
            int owner = (Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            if (owner != LibC.INSTANCE.geteuid()) {
                throw new ControlException(
                        "EPERM",
                        directory + " belongs to user " + owner + "; set XDG_RUNTIME_DIR to a directory of yours");
            }
            Files.setPosixFilePermissions(directory, permissions);
            return directory;
        } catch (IOException e) {
            throw new ControlException(
                    "EIO", "cannot make the runtime directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /** The socket of the mount at {@code mountPoint}, an absolute path without symbolic links. */
    public Path forMountPoint(Path mountPoint) {
        return ownDirectory.resolve(nameOf(mountPoint));
    }

    /**
     * Sockets that may serve {@code mountPoint}: this user's, root's, and for root every user's; existing ones, in a
     * directory of the user who mounted it. {@link ControlClient} sees to it that it is that user who serves them.
     */
    public List<Path> candidates(Path mountPoint, int userId) {
        List<Path> found = new ArrayList<>();
        for (Path directory : directories()) {
            Path socket = directory.resolve(nameOf(mountPoint));
            if (Files.exists(socket) && userOf(socket) == userId) {
                found.add(socket);
            }
        }
        return found;
    }

    /** Whose directory a socket lies in; -1 if it is gone. */
    public static int userOf(Path socket) {
        try {
            return (Integer) Files.getAttribute(socket.getParent(), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return -1;
        }
    }

    /** Every socket this user can see. */
    public List<Path> all() {
        List<Path> found = new ArrayList<>();
        for (Path directory : directories()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
                entries.forEach(found::add);
            } catch (IOException e) {
                // Missing, or another user's: nothing there for us.
            }
        }
        return found;
    }

    /** Removes this user's sockets that nobody serves any more: their daemons were killed. */
    public void removeDead() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(ownDirectory, "*" + SUFFIX)) {
            for (Path socket : entries) {
                removeIfDead(socket);
            }
        } catch (IOException e) {
            // Tidying up can wait for the next mount.
        }
    }

    private static void removeIfDead(Path socket) throws IOException {
        try {
            ControlClient.connect(socket).close();
        } catch (ConnectException e) {
            Files.deleteIfExists(socket);
        }
    }

    private List<Path> directories() {
        List<Path> directories = new ArrayList<>();
        directories.add(ownDirectory);
        if (!root) {
            directories.add(Path.of("/run/radax"));
            return directories;
        }
        addMatching(directories, Path.of("/run/user"), "*", "radax");
        addMatching(directories, Path.of("/tmp"), "radax-*", "");
        return directories;
    }

    private static void addMatching(List<Path> directories, Path parent, String glob, String child) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, glob)) {
            for (Path entry : entries) {
                Path directory = child.isEmpty() ? entry : entry.resolve(child);
                if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    directories.add(directory);
                }
            }
        } catch (IOException e) {
            // No such parent on this machine.
        }
    }

    private static String nameOf(Path mountPoint) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(mountPoint.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8) + SUFFIX;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
