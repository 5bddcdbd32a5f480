package org.radax.core.format;

/** Inode chunk header: slot 0 of the block. docs/FORMAT.md §7. Little-endian. */
public final class ChunkLayout {
    public static final int MAGIC_VALUE = 0x52444943;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 64;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int USED = UUID + 16;

    private ChunkLayout() {}
}
