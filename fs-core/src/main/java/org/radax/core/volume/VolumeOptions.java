package org.radax.core.volume;

/**
 * How a volume is mounted.
 *
 * @param readOnly refuse all changes with EROFS; nothing is written to the pool
 * @param dax which files are in DAX mode
 * @param access when reads update atime
 * @param domain {@code auto}, {@code cache-line}, {@code msync}, or {@code recorder} (tests)
 * @param discard give free 2 MiB runs back to the host
 * @param lazyWriteback leave what the page cache overwrites dirty until it is synced, or the background comes by
 */
public record VolumeOptions(
        boolean readOnly, Dax dax, Access access, String domain, boolean discard, boolean lazyWriteback) {

    /** As on ext4 and XFS: the inode's flag decides, or all files, or none. */
    public enum Dax {
        INODE,
        ALWAYS,
        NEVER
    }

    /** atime policy of mount(8). */
    public enum Access {
        RELATIME,
        NOATIME,
        STRICTATIME
    }

    /** The same, but for reading only. */
    VolumeOptions asReadOnly() {
        return new VolumeOptions(true, dax, access, domain, discard, lazyWriteback);
    }

    public static VolumeOptions defaults() {
        return new VolumeOptions(false, Dax.INODE, Access.RELATIME, "auto", true, false);
    }
}
