package org.radax.fuse.wire;

/** Structs that carry attributes. */
public final class AttributeLayouts {
    private AttributeLayouts() {}

    /** struct fuse_attr. */
    public static final class Attr {
        public static final int INO = 0;
        public static final int SIZE_BYTES = INO + Long.BYTES;
        /** In units of 512 bytes. */
        public static final int BLOCKS = SIZE_BYTES + Long.BYTES;

        public static final int ATIME = BLOCKS + Long.BYTES;
        public static final int MTIME = ATIME + Long.BYTES;
        public static final int CTIME = MTIME + Long.BYTES;
        public static final int ATIME_NSEC = CTIME + Long.BYTES;
        public static final int MTIME_NSEC = ATIME_NSEC + Integer.BYTES;
        public static final int CTIME_NSEC = MTIME_NSEC + Integer.BYTES;
        public static final int MODE = CTIME_NSEC + Integer.BYTES;
        public static final int LINK_COUNT = MODE + Integer.BYTES;
        public static final int UID = LINK_COUNT + Integer.BYTES;
        public static final int GID = UID + Integer.BYTES;
        public static final int RDEV = GID + Integer.BYTES;
        public static final int BLOCK_SIZE = RDEV + Integer.BYTES;
        public static final int FLAGS = BLOCK_SIZE + Integer.BYTES;
        public static final int SIZE = FLAGS + Integer.BYTES;

        private Attr() {}
    }

    /** struct fuse_attr_out. */
    public static final class AttrOut {
        public static final int VALID = 0;
        public static final int VALID_NSEC = VALID + Long.BYTES;
        public static final int ATTR = VALID_NSEC + 2 * Integer.BYTES;
        public static final int SIZE = ATTR + Attr.SIZE;

        private AttrOut() {}
    }

    /** struct fuse_entry_out. A node id of 0 says "no such name, and remember that". */
    public static final class EntryOut {
        public static final int NODE_ID = 0;
        public static final int GENERATION = NODE_ID + Long.BYTES;
        public static final int ENTRY_VALID = GENERATION + Long.BYTES;
        public static final int ATTR_VALID = ENTRY_VALID + Long.BYTES;
        public static final int ENTRY_VALID_NSEC = ATTR_VALID + Long.BYTES;
        public static final int ATTR_VALID_NSEC = ENTRY_VALID_NSEC + Integer.BYTES;
        public static final int ATTR = ATTR_VALID_NSEC + Integer.BYTES;
        public static final int SIZE = ATTR + Attr.SIZE;

        private EntryOut() {}
    }

    /** struct fuse_getattr_in. */
    public static final class GetattrIn {
        public static final int SIZE = 2 * Integer.BYTES + Long.BYTES;

        private GetattrIn() {}
    }

    /** struct fuse_setattr_in. */
    public static final class SetattrIn {
        public static final int VALID = 0;
        public static final int HANDLE = VALID + 2 * Integer.BYTES;
        public static final int SIZE_BYTES = HANDLE + Long.BYTES;
        public static final int LOCK_OWNER = SIZE_BYTES + Long.BYTES;
        public static final int ATIME = LOCK_OWNER + Long.BYTES;
        public static final int MTIME = ATIME + Long.BYTES;
        public static final int CTIME = MTIME + Long.BYTES;
        public static final int ATIME_NSEC = CTIME + Long.BYTES;
        public static final int MTIME_NSEC = ATIME_NSEC + Integer.BYTES;
        public static final int CTIME_NSEC = MTIME_NSEC + Integer.BYTES;
        public static final int MODE = CTIME_NSEC + Integer.BYTES;
        public static final int UID = MODE + 2 * Integer.BYTES;
        public static final int GID = UID + Integer.BYTES;
        public static final int SIZE = GID + 2 * Integer.BYTES;

        /** The one FATTR bit that is the transport's own: the handle field is set. */
        public static final int VALID_HANDLE = 1 << 6;

        private SetattrIn() {}
    }

    /** struct fuse_statx_in. */
    public static final class StatxIn {
        public static final int MASK = 2 * Integer.BYTES + Long.BYTES + Integer.BYTES;
        public static final int SIZE = MASK + Integer.BYTES;

        private StatxIn() {}
    }

    /** struct fuse_statx_out, its struct fuse_statx unfolded from {@code MASK} on. */
    public static final class StatxOut {
        public static final int VALID = 0;
        public static final int VALID_NSEC = VALID + Long.BYTES;
        public static final int MASK = VALID_NSEC + 2 * Integer.BYTES + 2 * Long.BYTES;
        public static final int BLOCK_SIZE = MASK + Integer.BYTES;
        public static final int ATTRIBUTES = BLOCK_SIZE + Integer.BYTES;
        public static final int LINK_COUNT = ATTRIBUTES + Long.BYTES;
        public static final int UID = LINK_COUNT + Integer.BYTES;
        public static final int GID = UID + Integer.BYTES;
        public static final int MODE = GID + Integer.BYTES;
        public static final int INO = MODE + 2 * Short.BYTES;
        public static final int SIZE_BYTES = INO + Long.BYTES;
        public static final int BLOCKS = SIZE_BYTES + Long.BYTES;
        public static final int ATTRIBUTES_MASK = BLOCKS + Long.BYTES;
        public static final int ATIME = ATTRIBUTES_MASK + Long.BYTES;
        public static final int BTIME = ATIME + 2 * Long.BYTES;
        public static final int CTIME = BTIME + 2 * Long.BYTES;
        public static final int MTIME = CTIME + 2 * Long.BYTES;
        public static final int RDEV_MAJOR = MTIME + 2 * Long.BYTES;
        public static final int RDEV_MINOR = RDEV_MAJOR + Integer.BYTES;
        public static final int SIZE = RDEV_MINOR + 3 * Integer.BYTES + 14 * Long.BYTES;

        /** STATX_BASIC_STATS and STATX_BTIME. */
        public static final int MASK_BASIC_AND_BIRTH = 0x7ff | 0x800;

        /** STATX_ATTR_IMMUTABLE, APPEND, NODUMP: the same bits as the FS_*_FL flags. */
        public static final int KNOWN_ATTRIBUTES = 0x10 | 0x20 | 0x40;

        private StatxOut() {}
    }

    /** struct fuse_statfs_out. */
    public static final class StatfsOut {
        public static final int BLOCKS = 0;
        public static final int BLOCKS_FREE = BLOCKS + Long.BYTES;
        public static final int BLOCKS_AVAILABLE = BLOCKS_FREE + Long.BYTES;
        public static final int FILES = BLOCKS_AVAILABLE + Long.BYTES;
        public static final int FILES_FREE = FILES + Long.BYTES;
        public static final int BLOCK_SIZE = FILES_FREE + Long.BYTES;
        public static final int NAME_LENGTH = BLOCK_SIZE + Integer.BYTES;
        public static final int FRAGMENT_SIZE = NAME_LENGTH + Integer.BYTES;
        public static final int SIZE = FRAGMENT_SIZE + 8 * Integer.BYTES;

        private StatfsOut() {}
    }
}
