package org.radax.fuse.wire;

/** Structs of requests on names, of directory entries, of forgets, and of extended attributes. */
public final class NameLayouts {
    private NameLayouts() {}

    /** struct fuse_mknod_in. */
    public static final class MknodIn {
        public static final int MODE = 0;
        public static final int RDEV = MODE + Integer.BYTES;
        public static final int UMASK = RDEV + Integer.BYTES;
        public static final int SIZE = UMASK + 2 * Integer.BYTES;

        private MknodIn() {}
    }

    /** struct fuse_mkdir_in. */
    public static final class MkdirIn {
        public static final int MODE = 0;
        public static final int UMASK = MODE + Integer.BYTES;
        public static final int SIZE = UMASK + Integer.BYTES;

        private MkdirIn() {}
    }

    /** struct fuse_rename_in and fuse_rename2_in, the second longer by its flags. */
    public static final class RenameIn {
        public static final int NEW_PARENT = 0;
        public static final int SIZE = NEW_PARENT + Long.BYTES;
        public static final int FLAGS2 = SIZE;
        public static final int SIZE2 = FLAGS2 + 2 * Integer.BYTES;

        private RenameIn() {}
    }

    /** struct fuse_link_in. */
    public static final class LinkIn {
        public static final int OLD_NODE_ID = 0;
        public static final int SIZE = OLD_NODE_ID + Long.BYTES;

        private LinkIn() {}
    }

    /** struct fuse_forget_in. */
    public static final class ForgetIn {
        public static final int COUNT = 0;
        public static final int SIZE = COUNT + Long.BYTES;

        private ForgetIn() {}
    }

    /** struct fuse_batch_forget_in, before an array of {@link ForgetOne}. */
    public static final class BatchForgetIn {
        public static final int COUNT = 0;
        public static final int SIZE = COUNT + 2 * Integer.BYTES;

        private BatchForgetIn() {}
    }

    /** struct fuse_forget_one. */
    public static final class ForgetOne {
        public static final int NODE_ID = 0;
        public static final int COUNT = NODE_ID + Long.BYTES;
        public static final int SIZE = COUNT + Long.BYTES;

        private ForgetOne() {}
    }

    /** struct fuse_dirent; each entry is padded to 8 bytes. */
    public static final class Dirent {
        public static final int INO = 0;
        public static final int COOKIE = INO + Long.BYTES;
        public static final int NAME_LENGTH = COOKIE + Long.BYTES;
        public static final int TYPE = NAME_LENGTH + Integer.BYTES;
        public static final int NAME = TYPE + Integer.BYTES;

        private Dirent() {}
    }

    /** struct fuse_setxattr_in, longer where SETXATTR_EXT was agreed. */
    public static final class SetxattrIn {
        public static final int VALUE_LENGTH = 0;
        public static final int FLAGS = VALUE_LENGTH + Integer.BYTES;
        public static final int SIZE = FLAGS + Integer.BYTES;
        public static final int EXTENDED_FLAGS = SIZE;
        public static final int EXTENDED_SIZE = EXTENDED_FLAGS + 2 * Integer.BYTES;

        /** FUSE_SETXATTR_ACL_KILL_SGID, of the extended flags. */
        public static final int ACL_KILL_SETGID = 1;

        private SetxattrIn() {}
    }

    /** struct fuse_getxattr_in, of GETXATTR and LISTXATTR. */
    public static final class GetxattrIn {
        public static final int CAPACITY = 0;
        public static final int SIZE = CAPACITY + 2 * Integer.BYTES;

        private GetxattrIn() {}
    }

    /** struct fuse_getxattr_out: the answer to a capacity of 0. */
    public static final class GetxattrOut {
        public static final int LENGTH = 0;
        public static final int SIZE = LENGTH + 2 * Integer.BYTES;

        private GetxattrOut() {}
    }
}
