package org.radax.core.format;

/** Journal lane header; the record slot follows it. docs/FORMAT.md §4. Little-endian. */
public final class LaneLayout {
    public static final int MAGIC_VALUE = 0x52444c4e;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 64;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int INDEX = UUID + 16;
    public static final int RETIRED = 64;
    public static final int RECORD = 128;

    private LaneLayout() {}
}
