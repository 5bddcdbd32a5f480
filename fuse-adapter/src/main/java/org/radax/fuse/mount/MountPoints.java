package org.radax.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Directories that are, were, or shall be mount points. */
public final class MountPoints {
    private static final Logger LOG = LoggerFactory.getLogger(MountPoints.class);
    private static final int ENOTCONN = 107;
    /** What an aborted mount answers. */
    private static final int ECONNABORTED = 103;

    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final int O_PATH = 0x200000;
    private static final int O_DIRECTORY = 0x10000;

    /** openat2(2): struct open_how has three words. */
    private static final long SYS_OPENAT2 = 437;

    private static final int OPEN_HOW_SIZE = 3 * Long.BYTES;
    private static final int AT_FDCWD = -100;
    private static final int RESOLVE_NO_SYMLINKS = 4;
    static final int STATFS_SIZE = 256;

    private MountPoints() {}

    /** Whether a FUSE filesystem is mounted there whose server is gone: all access answers ENOTCONN. */
    public static boolean isDead(Path mountPoint) {
        int errno = access(mountPoint);
        return errno == ENOTCONN || errno == ECONNABORTED;
    }

    /** Unmounts a dead filesystem, if one is there. */
    public static void cleanUpDead(Path mountPoint) throws MountException {
        // One may lie over another, each from a server that was killed.
        while (isDead(mountPoint)) {
            if (LibC.INSTANCE.geteuid() != 0) {
                Fusermount.unmount(mountPoint, true);
            } else if (LibC.INSTANCE.umount2(mountPoint.toString(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) {
                throw new MountException("can not clean up the dead mount at " + mountPoint + ": " + LibC.lastError()
                        + "; run umount -l " + mountPoint);
            }
        }
    }

    /** The radax filesystem mounted at exactly this directory; the topmost if there are several. */
    public static Optional<Mounted> find(Path mountPoint) throws MountException {
        Path wanted = canonical(mountPoint);
        return all().stream()
                .filter(mounted -> mounted.mountPoint().equals(wanted))
                .reduce((first, second) -> second);
    }

    /** All radax filesystems mounted, in the order of mounting. */
    public static List<Mounted> all() throws MountException {
        try {
            return MountTable.read();
        } catch (IOException e) {
            throw new MountException("can not read the list of mounts: " + e.getMessage(), e);
        }
    }

    /** Unmounts what is there; refuses while it is in use. */
    public static void unmount(Path mountPoint) throws MountException {
        if (LibC.INSTANCE.geteuid() != 0) {
            Fusermount.unmount(mountPoint, false);
            return;
        }
        if (LibC.INSTANCE.umount2(mountPoint.toString(), UMOUNT_NOFOLLOW) == 0) {
            return;
        }
        int errno = LibC.errno();
        if (errno == Errno.EBUSY.number()) {
            throw new MountException(mountPoint + " is busy: a process has a file open or its working directory there;"
                    + " fuser -vm " + mountPoint + " lists who");
        }
        if (errno == Errno.EINVAL.number()) {
            throw new MountException(mountPoint + " is not mounted");
        }
        throw new MountException("can not unmount " + mountPoint + ": " + LibC.INSTANCE.strerror(errno));
    }

    /** Takes what is there out of the tree; it lives on for those who use it. */
    static void detach(Path mountPoint) throws MountException {
        if (LibC.INSTANCE.geteuid() != 0) {
            Fusermount.unmount(mountPoint, true);
        } else if (LibC.INSTANCE.umount2(mountPoint.toString(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) {
            throw new MountException("can not detach " + mountPoint + ": " + LibC.lastError());
        }
    }

    /** After an abort the mount point is still there, dead. */
    static void leaveNothingBehind(Path mountPoint) {
        try {
            if (find(mountPoint).isPresent()) {
                cleanUpDead(mountPoint);
            }
        } catch (MountException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Switches the kernel's side between read-only and read-write. Only root may. */
    static void remount(MountOptions options, boolean readOnly) throws MountException {
        long flags = (MountFlags.of(options) & ~MountFlags.READ_ONLY)
                | MountFlags.REMOUNT
                | (readOnly ? MountFlags.READ_ONLY : 0);
        String target = options.mountPoint().toString();
        if (LibC.INSTANCE.mount(options.source(), target, MountTable.TYPE, flags, "") != 0) {
            throw new MountException(
                    "can not remount " + target + (readOnly ? " read-only: " : " read-write: ") + LibC.lastError());
        }
    }

    /** Checks that a filesystem can be mounted there; returns the directory's absolute path without links. */
    static Path check(Path mountPoint, boolean nonEmpty) throws MountException {
        if (!Files.exists(mountPoint, LinkOption.NOFOLLOW_LINKS)) {
            throw new MountException("mount point " + mountPoint + " does not exist; create it: mkdir " + mountPoint);
        }
        if (!Files.isDirectory(mountPoint)) {
            throw new MountException("mount point " + mountPoint + " is not a directory; name one");
        }
        try (Stream<Path> entries = Files.list(mountPoint)) {
            if (!nonEmpty && entries.findAny().isPresent()) {
                throw new MountException("mount point " + mountPoint
                        + " is not empty; name an empty directory, or say -o nonempty to hide what is in it");
            }
            return mountPoint.toRealPath();
        } catch (IOException e) {
            throw new MountException("can not read mount point " + mountPoint + ": " + e.getMessage(), e);
        }
    }

    /** A path-only descriptor of a directory, none of whose names is a link; or -1 with errno set: ELOOP if one is. */
    static int openWithoutLinks(Path directory) {
        byte[] name = (directory + "\0").getBytes(StandardCharsets.UTF_8);
        long memory = RawMemory.allocate(OPEN_HOW_SIZE + name.length);
        try {
            RawMemory.putLong(memory, O_PATH | O_DIRECTORY | LibC.O_CLOEXEC);
            RawMemory.putLong(memory + Long.BYTES, 0);
            RawMemory.putLong(memory + 2 * Long.BYTES, RESOLVE_NO_SYMLINKS);
            RawMemory.copyIn(name, 0, memory + OPEN_HOW_SIZE, name.length);
            return (int)
                    LibC.INSTANCE.syscall(SYS_OPENAT2, AT_FDCWD, memory + OPEN_HOW_SIZE, memory, OPEN_HOW_SIZE, 0, 0);
        } finally {
            RawMemory.free(memory);
        }
    }

    /** Without touching the filesystem mounted there, which may not answer: only its parents are resolved. */
    private static Path canonical(Path mountPoint) {
        Path absolute = mountPoint.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null) {
            return absolute;
        }
        try {
            if (Files.isSymbolicLink(absolute)) {
                return absolute.toRealPath();
            }
            return parent.toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            return absolute;
        }
    }

    /** statfs(2), which asks the server: 0 or an errno. */
    static int access(Path path) {
        long buffer = RawMemory.allocate(STATFS_SIZE);
        try {
            return LibC.INSTANCE.statfs(path.toString(), buffer) == 0 ? 0 : LibC.errno();
        } finally {
            RawMemory.free(buffer);
        }
    }
}
