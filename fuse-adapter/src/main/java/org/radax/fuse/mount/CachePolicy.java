package org.radax.fuse.mount;

/** What the kernel may keep of file data. */
public enum CachePolicy {
    /** Page cache, write-through, kept across opens. */
    AUTO,
    /** The kernel's writeback cache: writes reach the pool at fsync, or some time later. */
    WRITEBACK,
    /** None: each read and write comes to the filesystem. */
    NONE
}
