package org.radax.core.format;

/** Superblock. Block 0; replica in the last block. docs/FORMAT.md §2. Little-endian. */
public final class SuperblockLayout {
    public static final int MAGIC_VALUE = 0x52445853;
    /** Bytes under the checksum. */
    public static final int CHECKED_BYTES = 4096;
    /** In {@link #READ_ONLY_COMPATIBLE}: each group has a table of its data blocks' checksums. */
    public static final long DATA_CHECKSUMS_FEATURE = 1;

    public static final int MAGIC = 0;
    public static final int CHECKSUM = MAGIC + 4;
    public static final int LOCATION = CHECKSUM + 4;
    public static final int UUID = LOCATION + 8;
    public static final int MAJOR = UUID + 16;
    public static final int MINOR = MAJOR + 4;
    public static final int COMPATIBLE = MINOR + 4;
    public static final int READ_ONLY_COMPATIBLE = COMPATIBLE + 8;
    public static final int INCOMPATIBLE = READ_ONLY_COMPATIBLE + 8;
    public static final int SIZE = INCOMPATIBLE + 8;
    public static final int LABEL = SIZE + 8;
    public static final int CREATED = LABEL + 32;
    public static final int HASH_SEED = CREATED + 8;
    public static final int LANE_START = HASH_SEED + 16;
    public static final int LANE_COUNT = LANE_START + 8;
    public static final int LANE_BYTES = LANE_COUNT + 4;
    public static final int GROUP_TABLE = LANE_BYTES + 4;
    public static final int GROUP_COUNT = GROUP_TABLE + 8;
    public static final int ROOT_INODE = GROUP_COUNT + 8;
    public static final int RESERVE_BLOCKS = ROOT_INODE + 8;
    public static final int GROWN_TABLE = RESERVE_BLOCKS + 8;
    public static final int SHARE_ROOT = GROWN_TABLE + 8;
    public static final int MAPPED_TABLE = SHARE_ROOT + 8;

    private SuperblockLayout() {}
}
