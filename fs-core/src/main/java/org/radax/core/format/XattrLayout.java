package org.radax.core.format;

/** Attribute block. docs/FORMAT.md §11. Little-endian. */
public final class XattrLayout {
    public static final int MAGIC_VALUE = 0x52445841;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 4096;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int OWNER = UUID + 16;
    public static final int NEXT = OWNER + 8;
    public static final int USED = NEXT + 8;
    public static final int RECORDS = 64;

    /* Attribute record: offsets within it. */
    public static final int RECORD_LENGTH = 0;
    public static final int RECORD_NAME_LENGTH = 2;
    public static final int RECORD_FLAGS = 3;
    public static final int RECORD_VALUE_LENGTH = 4;
    public static final int RECORD_VALUE_CHECKSUM = 8;
    public static final int RECORD_NAME = 12;
    /** Flag: the value lies in blocks of its own, whose numbers stand in its place. */
    public static final int EXTERNAL = 1;
    /** Values longer than this are external. */
    public static final int MAX_INLINE_VALUE = 1024;

    private XattrLayout() {}
}
