package org.radax.core.format;

/** Volume state. Block 1. docs/FORMAT.md §3. Little-endian. */
public final class StateLayout {
    public static final int MAGIC_VALUE = 0x52445654;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 1024;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int ORPHAN_ROOT = UUID + 16;
    public static final int GROUPS_IN_USE = ORPHAN_ROOT + 128;
    public static final int EPOCH = 1024;
    public static final int MOUNT_STATE = EPOCH + 8;
    public static final int LAST_MOUNT = MOUNT_STATE + 8;
    public static final int MOUNT_COUNT = LAST_MOUNT + 8;

    private StateLayout() {}
}
