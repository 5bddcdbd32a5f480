package org.radax.core.volume;

/** What setattr is to change: only fields whose bit is set in {@link #valid}. Reused from request to request. */
public final class AttributeChange {
    public static final int MODE = 1;
    public static final int UID = 1 << 1;
    public static final int GID = 1 << 2;
    public static final int SIZE = 1 << 3;
    public static final int ATIME = 1 << 4;
    public static final int MTIME = 1 << 5;
    /** Set the time to now. */
    public static final int ATIME_NOW = 1 << 7;

    public static final int MTIME_NOW = 1 << 8;
    public static final int CTIME = 1 << 10;
    /** Clear setuid, and setgid where group-executable (FATTR_KILL_SUIDGID). */
    public static final int KILL_PRIVILEGES = 1 << 11;

    /** OR of the bits above; their values are FUSE's FATTR bits. */
    public int valid;

    public int mode;
    public int uid;
    public int gid;
    public long sizeBytes;
    public long atimeNanos;
    public long mtimeNanos;
    public long ctimeNanos;
}
