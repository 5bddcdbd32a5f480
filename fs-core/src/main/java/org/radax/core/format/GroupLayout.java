package org.radax.core.format;

/** Group descriptor: one line in the group table. docs/FORMAT.md §6. Little-endian. */
public final class GroupLayout {
    public static final int MAGIC_VALUE = 0x52444744;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 64;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int FREE_BLOCKS = LOCATION + 8;
    public static final int INODES_USED = FREE_BLOCKS + 4;
    public static final int BITMAP_CHECKSUM = INODES_USED + 4;
    public static final int CHUNKS_CHECKSUM = BITMAP_CHECKSUM + 4;

    private GroupLayout() {}
}
