package org.radax.fuse.wire;

/** FOPEN_* bits of the replies to OPEN, OPENDIR, CREATE and TMPFILE, and a bit of their requests. */
public final class OpenFlags {
    public static final int DIRECT_IO = 1;
    public static final int KEEP_CACHE = 1 << 1;
    public static final int CACHE_DIR = 1 << 3;
    public static final int PARALLEL_DIRECT_WRITES = 1 << 6;

    /** A program's O_DIRECT, which is not the same number on all machines. */
    public static final int O_DIRECT = System.getProperty("os.arch").equals("aarch64") ? 0200000 : 040000;

    private OpenFlags() {}
}
