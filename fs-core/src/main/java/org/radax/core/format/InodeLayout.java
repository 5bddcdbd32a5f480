package org.radax.core.format;

/** Inode, 256 bytes. docs/FORMAT.md §8. Little-endian. */
public final class InodeLayout {
    public static final int MAGIC_VALUE = 0x52444e4f;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 256;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int INO = CHECKSUM + 4;
    public static final int GENERATION = INO + 8;
    public static final int MODE = GENERATION + 4;
    public static final int LINK_COUNT = MODE + 4;
    public static final int FLAGS = LINK_COUNT + 4;
    public static final int UID = FLAGS + 4;
    public static final int GID = UID + 4;
    public static final int SIZE = GID + 4;
    public static final int BLOCKS = SIZE + 8;
    public static final int ATIME = BLOCKS + 8;
    public static final int MTIME = ATIME + 8;
    public static final int CTIME = MTIME + 8;
    public static final int BIRTH = CTIME + 8;
    public static final int PARENT = BIRTH + 8;
    public static final int RDEV = PARENT + 8;
    public static final int EXTENT_HINT = RDEV + 4;
    public static final int XATTR = EXTENT_HINT + 4;
    public static final int PROJECT = XATTR + 8;
    public static final int RESERVED = PROJECT + 4;
    public static final int CHECKSUM_ROOT = RESERVED + 4;
    public static final int ROOT = CHECKSUM_ROOT + 8;

    private InodeLayout() {}
}
