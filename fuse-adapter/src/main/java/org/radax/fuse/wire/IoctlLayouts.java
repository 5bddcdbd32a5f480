package org.radax.fuse.wire;

/** IOCTL's structs, and those of the commands served. */
public final class IoctlLayouts {
    private IoctlLayouts() {}

    /** Whether a command changes the volume. */
    public static boolean isChange(int command) {
        return switch (command) {
            case SETFLAGS, FSSETXATTR, FITRIM -> true;
            default -> false;
        };
    }

    public static final int GETFLAGS = 0x80086601;
    public static final int GETFLAGS_32 = 0x80046601;

    /**
     * Checked by the kernel (Linux 5.13, vfs_fileattr_set), which makes it of a 32-bit process's number too. That number
     * from any other process is one it does not know: it passes it on, whoever asks. So it is not served.
     */
    public static final int SETFLAGS = 0x40086602;

    public static final int GETVERSION = 0x80087601;
    public static final int GETVERSION_32 = 0x80047601;
    public static final int FSGETXATTR = 0x801c581f;
    public static final int FSSETXATTR = 0x401c5820;
    public static final int FITRIM = 0xc0185879;
    public static final int GOINGDOWN = 0x8004587d;

    /** struct fuse_ioctl_in; the command's input follows. */
    public static final class In {
        public static final int HANDLE = 0;
        public static final int FLAGS = HANDLE + Long.BYTES;
        public static final int COMMAND = FLAGS + Integer.BYTES;
        public static final int ARGUMENT = COMMAND + Integer.BYTES;
        public static final int INPUT_LENGTH = ARGUMENT + Long.BYTES;
        public static final int OUTPUT_CAPACITY = INPUT_LENGTH + Integer.BYTES;
        public static final int SIZE = OUTPUT_CAPACITY + Integer.BYTES;

        private In() {}
    }

    /** struct fuse_ioctl_out; the command's output follows. */
    public static final class Out {
        public static final int RESULT = 0;
        public static final int SIZE = RESULT + 4 * Integer.BYTES;

        private Out() {}
    }

    /** struct fsxattr of linux/fs.h. */
    public static final class FsXattr {
        /** FS_XFLAG_DAX. */
        public static final int FLAG_DAX = 0x8000;

        public static final int XFLAGS = 0;
        public static final int EXTENT_SIZE = XFLAGS + Integer.BYTES;
        public static final int EXTENT_COUNT = EXTENT_SIZE + Integer.BYTES;
        public static final int PROJECT_ID = EXTENT_COUNT + Integer.BYTES;
        public static final int SIZE = PROJECT_ID + 2 * Integer.BYTES + 8;

        private FsXattr() {}
    }

    /** struct fstrim_range of linux/fs.h. */
    public static final class TrimRange {
        public static final int START = 0;
        public static final int LENGTH = START + Long.BYTES;
        public static final int MINIMUM = LENGTH + Long.BYTES;
        public static final int SIZE = MINIMUM + Long.BYTES;

        private TrimRange() {}
    }
}
