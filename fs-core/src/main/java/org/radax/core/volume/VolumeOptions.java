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
 * @param data what a crash may leave of a write
 */
public record VolumeOptions(
        boolean readOnly, Dax dax, Access access, String domain, boolean discard, boolean lazyWriteback, Data data) {

    /** With data written in place. */
    public VolumeOptions(
            boolean readOnly, Dax dax, Access access, String domain, boolean discard, boolean lazyWriteback) {
        this(readOnly, dax, access, domain, discard, lazyWriteback, Data.IN_PLACE);
    }

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

    /** How data is written over. */
    public enum Data {
        /** Torn by a crash at worst within the bytes written. */
        IN_PLACE,
        /** All of a write or nothing. No file is mapped onto the pool then, and writeback is not lazy. */
        ATOMIC
    }

    boolean isDataAtomic() {
        return data == Data.ATOMIC;
    }

    /** The same, but for reading only. */
    VolumeOptions asReadOnly() {
        return as(true);
    }

    VolumeOptions as(boolean nowReadOnly) {
        return new VolumeOptions(nowReadOnly, dax, access, domain, discard, lazyWriteback, data);
    }

    VolumeOptions withAtomicData() {
        return new VolumeOptions(readOnly, Dax.NEVER, access, domain, discard, false, Data.ATOMIC);
    }

    public static VolumeOptions defaults() {
        return new VolumeOptions(false, Dax.INODE, Access.RELATIME, "auto", true, false);
    }
}
