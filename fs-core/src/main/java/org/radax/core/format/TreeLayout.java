package org.radax.core.format;

/** B+tree node and inline root. docs/FORMAT.md §9. Little-endian. */
public final class TreeLayout {
    public static final int MAGIC_VALUE = 0x52445452;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 4096;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int OWNER = UUID + 16;
    public static final int LEVEL = OWNER + 8;
    public static final int COUNT = LEVEL + 4;
    public static final int RECORDS = 64;

    public static final int RECORD_BYTES = 16;
    public static final int NODE_CAPACITY = 252;
    public static final int ROOT_LEVEL = 0;
    public static final int ROOT_COUNT = 4;
    public static final int ROOT_RECORDS = 8;
    public static final int ROOT_CAPACITY = 7;
    public static final int ROOT_BYTES = 128;

    private TreeLayout() {}
}
