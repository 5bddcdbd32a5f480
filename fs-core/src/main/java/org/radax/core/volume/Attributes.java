package org.radax.core.volume;

/** What stat shows of an inode; filled by the volume, reused from request to request. Fields are plain data. */
public final class Attributes {
    /** Inode number as the transport and applications see it; the root is 1. */
    public long ino;

    /** Together with {@link #ino} unique over the volume's life. */
    public long generation;

    /** File type and permission bits, as in st_mode. */
    public int mode;

    /** 32 bits, unsigned. */
    public int linkCount;

    public int uid;
    public int gid;

    /** Device number of special files, in Linux's "huge" encoding as FUSE carries it. */
    public int rdev;

    public long sizeBytes;

    /** Blocks of 4 KiB in use, the inode's own metadata blocks included. */
    public long blocks;

    /** Times as {@link org.radax.core.unit.Timestamp} has them. */
    public long atimeNanos;

    public long mtimeNanos;
    public long ctimeNanos;
    public long birthNanos;

    /** {@code FS_*_FL} bits: immutable 0x10, append-only 0x20, nodump 0x40. */
    public int flags;

    /** True while the file is in DAX mode: opened direct, mappable by clients. */
    public boolean dax;

    /** Whether processes have it mapped onto the pool: its times may change without a request. */
    public boolean mapped;
}
