package org.radax.core.check;

import org.radax.core.format.Geometry;

/** Where inodes lie: the number says it, but for the root. */
final class InodeOffsets {
    private InodeOffsets() {}

    static long of(long ino, Superblock superblock) {
        return ino == InodeTable.ROOT_INO ? superblock.rootInodeOffset() : ino * Geometry.INODE_BYTES;
    }
}
