package org.radax.fuse.wire;

/** INIT's two structs. */
public final class InitLayouts {
    private InitLayouts() {}

    /** struct fuse_init_in; {@code FLAGS2} is there only with INIT_EXT. */
    public static final class In {
        public static final int MAJOR = 0;
        public static final int MINOR = MAJOR + Integer.BYTES;
        public static final int MAX_READAHEAD = MINOR + Integer.BYTES;
        public static final int FLAGS = MAX_READAHEAD + Integer.BYTES;
        /** What kernels before 7.36 send. */
        public static final int SHORT_SIZE = FLAGS + Integer.BYTES;

        public static final int FLAGS2 = SHORT_SIZE;
        public static final int SIZE = FLAGS2 + 12 * Integer.BYTES;

        private In() {}
    }

    /** struct fuse_init_out as of 7.23. */
    public static final class Out {
        public static final int MAJOR = 0;
        public static final int MINOR = MAJOR + Integer.BYTES;
        public static final int MAX_READAHEAD = MINOR + Integer.BYTES;
        public static final int FLAGS = MAX_READAHEAD + Integer.BYTES;
        public static final int MAX_BACKGROUND = FLAGS + Integer.BYTES;
        public static final int CONGESTION_THRESHOLD = MAX_BACKGROUND + Short.BYTES;
        public static final int MAX_WRITE = CONGESTION_THRESHOLD + Short.BYTES;
        public static final int TIME_GRANULARITY = MAX_WRITE + Integer.BYTES;
        public static final int MAX_PAGES = TIME_GRANULARITY + Integer.BYTES;
        public static final int MAP_ALIGNMENT = MAX_PAGES + Short.BYTES;
        public static final int FLAGS2 = MAP_ALIGNMENT + Short.BYTES;
        public static final int SIZE = FLAGS2 + 8 * Integer.BYTES;

        private Out() {}
    }
}
