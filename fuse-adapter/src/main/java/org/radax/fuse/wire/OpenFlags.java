package org.radax.fuse.wire;

/** FOPEN_* bits of the replies to OPEN, OPENDIR, CREATE and TMPFILE. */
public final class OpenFlags {
    public static final int DIRECT_IO = 1;
    public static final int KEEP_CACHE = 1 << 1;
    public static final int CACHE_DIR = 1 << 3;
    public static final int PARALLEL_DIRECT_WRITES = 1 << 6;

    private OpenFlags() {}
}
