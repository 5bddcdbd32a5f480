package org.radax.fuse.wire;

/** Structs of requests on open files. */
public final class FileLayouts {
    private FileLayouts() {}

    /** struct fuse_open_in. */
    public static final class OpenIn {
        public static final int FLAGS = 0;
        public static final int OPEN_FLAGS = FLAGS + Integer.BYTES;
        public static final int SIZE = OPEN_FLAGS + Integer.BYTES;

        /** FUSE_OPEN_KILL_SUIDGID. */
        public static final int KILL_PRIVILEGES = 1;

        private OpenIn() {}
    }

    /** struct fuse_create_in, of CREATE and TMPFILE. */
    public static final class CreateIn {
        public static final int FLAGS = 0;
        public static final int MODE = FLAGS + Integer.BYTES;
        public static final int UMASK = MODE + Integer.BYTES;
        public static final int SIZE = UMASK + 2 * Integer.BYTES;

        private CreateIn() {}
    }

    /** struct fuse_open_out. */
    public static final class OpenOut {
        public static final int HANDLE = 0;
        public static final int OPEN_FLAGS = HANDLE + Long.BYTES;
        public static final int SIZE = OPEN_FLAGS + 2 * Integer.BYTES;

        private OpenOut() {}
    }

    /** struct fuse_read_in, of READ, READDIR and READDIRPLUS. */
    public static final class ReadIn {
        public static final int HANDLE = 0;
        public static final int OFFSET = HANDLE + Long.BYTES;
        public static final int LENGTH = OFFSET + Long.BYTES;
        public static final int SIZE = LENGTH + 2 * Integer.BYTES + Long.BYTES + 2 * Integer.BYTES;

        private ReadIn() {}
    }

    /** struct fuse_write_in; the payload follows. */
    public static final class WriteIn {
        public static final int HANDLE = 0;
        public static final int OFFSET = HANDLE + Long.BYTES;
        public static final int LENGTH = OFFSET + Long.BYTES;
        public static final int FLAGS = LENGTH + Integer.BYTES;
        public static final int SIZE = FLAGS + Integer.BYTES + Long.BYTES + 2 * Integer.BYTES;

        /** FUSE_WRITE_CACHE: out of the page cache, the handle is a guess among the open ones. */
        public static final int FLAG_CACHE = 1;
        /** FUSE_WRITE_KILL_SUIDGID. */
        public static final int FLAG_KILL_PRIVILEGES = 1 << 2;

        private WriteIn() {}
    }

    /** struct fuse_write_out, also COPY_FILE_RANGE's. */
    public static final class WriteOut {
        public static final int LENGTH = 0;
        public static final int SIZE = LENGTH + 2 * Integer.BYTES;

        private WriteOut() {}
    }

    /** struct fuse_release_in. */
    public static final class ReleaseIn {
        public static final int HANDLE = 0;
        public static final int FLAGS = HANDLE + Long.BYTES;
        public static final int RELEASE_FLAGS = FLAGS + Integer.BYTES;
        public static final int LOCK_OWNER = RELEASE_FLAGS + Integer.BYTES;
        public static final int SIZE = LOCK_OWNER + Long.BYTES;

        /** FUSE_RELEASE_FLOCK_UNLOCK. */
        public static final int FLOCK_UNLOCK = 1 << 1;

        private ReleaseIn() {}
    }

    /** struct fuse_flush_in. */
    public static final class FlushIn {
        public static final int HANDLE = 0;
        public static final int LOCK_OWNER = HANDLE + 2 * Long.BYTES;
        public static final int SIZE = LOCK_OWNER + Long.BYTES;

        private FlushIn() {}
    }

    /** struct fuse_fsync_in. */
    public static final class FsyncIn {
        public static final int HANDLE = 0;
        public static final int FLAGS = HANDLE + Long.BYTES;
        public static final int SIZE = FLAGS + 2 * Integer.BYTES;

        /** FUSE_FSYNC_FDATASYNC. */
        public static final int DATA_ONLY = 1;

        private FsyncIn() {}
    }

    /** struct fuse_fallocate_in. */
    public static final class FallocateIn {
        public static final int HANDLE = 0;
        public static final int OFFSET = HANDLE + Long.BYTES;
        public static final int LENGTH = OFFSET + Long.BYTES;
        public static final int MODE = LENGTH + Long.BYTES;
        public static final int SIZE = MODE + 2 * Integer.BYTES;

        private FallocateIn() {}
    }

    /** struct fuse_lseek_in. */
    public static final class LseekIn {
        public static final int HANDLE = 0;
        public static final int OFFSET = HANDLE + Long.BYTES;
        public static final int WHENCE = OFFSET + Long.BYTES;
        public static final int SIZE = WHENCE + 2 * Integer.BYTES;

        private LseekIn() {}
    }

    /** struct fuse_copy_file_range_in. */
    public static final class CopyIn {
        public static final int SOURCE_HANDLE = 0;
        public static final int SOURCE_OFFSET = SOURCE_HANDLE + Long.BYTES;
        public static final int TARGET_NODE_ID = SOURCE_OFFSET + Long.BYTES;
        public static final int TARGET_HANDLE = TARGET_NODE_ID + Long.BYTES;
        public static final int TARGET_OFFSET = TARGET_HANDLE + Long.BYTES;
        public static final int LENGTH = TARGET_OFFSET + Long.BYTES;
        public static final int FLAGS = LENGTH + Long.BYTES;
        public static final int SIZE = FLAGS + Long.BYTES;

        private CopyIn() {}
    }

    /** struct fuse_lk_in; its range is inclusive at both ends. */
    public static final class LockIn {
        public static final int HANDLE = 0;
        public static final int OWNER = HANDLE + Long.BYTES;
        public static final int LOCK = OWNER + Long.BYTES;
        public static final int FLAGS = LOCK + FileLock.SIZE;
        public static final int SIZE = FLAGS + 2 * Integer.BYTES;

        /** FUSE_LK_FLOCK. */
        public static final int FLOCK = 1;

        private LockIn() {}
    }

    /** struct fuse_file_lock, also the whole of fuse_lk_out. */
    public static final class FileLock {
        public static final int START = 0;
        public static final int END = START + Long.BYTES;
        public static final int TYPE = END + Long.BYTES;
        public static final int PID = TYPE + Integer.BYTES;
        public static final int SIZE = PID + Integer.BYTES;

        private FileLock() {}
    }

    /** struct fuse_access_in. */
    public static final class AccessIn {
        public static final int SIZE = 2 * Integer.BYTES;

        private AccessIn() {}
    }

    /** struct fuse_interrupt_in. */
    public static final class InterruptIn {
        public static final int UNIQUE = 0;
        public static final int SIZE = UNIQUE + Long.BYTES;

        private InterruptIn() {}
    }

    /** struct fuse_syncfs_in. */
    public static final class SyncfsIn {
        public static final int SIZE = Long.BYTES;

        private SyncfsIn() {}
    }
}
