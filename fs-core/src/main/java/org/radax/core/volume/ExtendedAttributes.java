package org.radax.core.volume;

/** What FS_IOC_FSGETXATTR shows: struct fsxattr. Plain data. */
public final class ExtendedAttributes {
    /** {@code FS_XFLAG_*} bits. */
    public int xflags;
    /** Extent-size hint in bytes, a multiple of 4096; 0 for none. */
    public int extentSizeBytes;

    public int extentCount;
    public int projectId;
}
