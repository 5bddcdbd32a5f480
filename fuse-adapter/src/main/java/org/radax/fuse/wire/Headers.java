package org.radax.fuse.wire;

/** The headers every message begins with. Host byte order throughout: x86-64's, little-endian. */
public final class Headers {
    private Headers() {}

    /** struct fuse_in_header. */
    public static final class In {
        public static final int LENGTH = 0;
        public static final int OPCODE = LENGTH + Integer.BYTES;
        public static final int UNIQUE = OPCODE + Integer.BYTES;
        public static final int NODE_ID = UNIQUE + Long.BYTES;
        public static final int UID = NODE_ID + Long.BYTES;
        public static final int GID = UID + Integer.BYTES;
        public static final int PID = GID + Integer.BYTES;
        /** Length of the extensions behind the body, in units of 8 bytes. */
        public static final int EXTENSION_WORDS = PID + Integer.BYTES;

        public static final int SIZE = EXTENSION_WORDS + 2 * Short.BYTES;

        private In() {}
    }

    /** struct fuse_out_header. {@code ERROR} is 0 or a negative errno; in notifications a positive code. */
    public static final class Out {
        public static final int LENGTH = 0;
        public static final int ERROR = LENGTH + Integer.BYTES;
        public static final int UNIQUE = ERROR + Integer.BYTES;
        public static final int SIZE = UNIQUE + Long.BYTES;

        private Out() {}
    }
}
