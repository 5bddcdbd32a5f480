package org.radax.core.format;

/** Journal record header; runs of words follow. docs/FORMAT.md §5. Little-endian. */
public final class RecordLayout {
    public static final int MAGIC_VALUE = 0x52444a52;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LENGTH = CHECKSUM + 4;
    public static final int UUID = LENGTH + 8;
    public static final int EPOCH = UUID + 16;
    public static final int SEQUENCE = EPOCH + 8;
    public static final int LANE = SEQUENCE + 8;
    public static final int RUN_COUNT = LANE + 8;
    public static final int RUNS = RUN_COUNT + 8;

    private RecordLayout() {}
}
