package org.radax.core.format;

/** Directory bucket. docs/FORMAT.md §10. Little-endian. */
public final class BucketLayout {
    public static final int MAGIC_VALUE = 0x52444442;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 4096;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int OWNER = UUID + 16;
    public static final int LOW_KEY = OWNER + 8;
    public static final int ENTRIES = 64;

    /* Entry record: offsets within it. */
    public static final int ENTRY_KEY = 0;
    public static final int ENTRY_INO = 8;
    public static final int ENTRY_LENGTH = 16;
    public static final int ENTRY_NAME_LENGTH = 18;
    public static final int ENTRY_TYPE = 19;
    public static final int ENTRY_NAME = 20;
    public static final int ENTRY_MIN_BYTES = 24;

    private BucketLayout() {}
}
