package org.radax.core.check;

import java.nio.file.Path;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;

/** Finds the superblock to believe. */
final class PoolOpener {
    private PoolOpener() {}

    /**
     * The primary, or if it is damaged the replica, or null. Where both are sound and differ, the one that has a root
     * inode where it says, the primary first.
     */
    static Superblock soundSuperblock(Image image) {
        Superblock primary = Superblock.read(image, Geometry.SUPERBLOCK);
        Superblock replica = Superblock.read(image, image.blockCount() - 1);
        if (primary.sound() && (!replica.sound() || hasRoot(image, primary) || !hasRoot(image, replica))) {
            return primary;
        }
        return replica.sound() && !primary.newer() ? replica : null;
    }

    /** Whether the root inode is there, and the replica where the size puts it. */
    private static boolean hasRoot(Image image, Superblock superblock) {
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        return superblock.geometry().replicaBlock() == image.blockCount() - 1
                && image.read(superblock.rootInodeOffset(), inode, inode.length)
                && new ScanContext(image, superblock, false)
                                .frameProblem(inode, InodeLayout.MAGIC_VALUE, inode.length, InodeTable.ROOT_INO)
                        == null;
    }

    /**
     * The superblock to believe.
     *
     * @throws PoolException if there is none: not a pool, or of another version
     */
    static Superblock superblock(Path pool, Image image) throws PoolException {
        Superblock sound = soundSuperblock(image);
        if (sound != null) {
            return sound;
        }
        Superblock primary = Superblock.read(image, Geometry.SUPERBLOCK);
        if (primary.newer()) {
            throw new PoolException(
                    Errno.EINVAL,
                    pool + ": a pool of another format version or with unknown features; this radax knows "
                            + Geometry.FORMAT_MAJOR + "." + Geometry.FORMAT_MINOR);
        }
        throw new PoolException(
                Errno.EINVAL,
                pool + ": not a Radax pool, or both superblocks are damaged (" + primary.problem()
                        + "); nothing was changed");
    }
}
