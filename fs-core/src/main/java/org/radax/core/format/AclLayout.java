package org.radax.core.format;

/** Stored form of a POSIX ACL. docs/FORMAT.md §11. Little-endian. */
public final class AclLayout {
    public static final int PERMISSIONS = 0;
    public static final int ENTRIES = PERMISSIONS + 4;

    /* Fields of PERMISSIONS: three bits each (r 4, w 2, x 1), and a flag. */
    public static final int OTHER_SHIFT = 0;
    public static final int MASK_SHIFT = 3;
    public static final int OWNER_SHIFT = 6;
    public static final int GROUP_SHIFT = 9;
    public static final int HAS_MASK = 1 << 12;

    /* Entry of a named user or group: offsets within it; as in the kernel's own form. */
    public static final int ENTRY_TAG = 0;
    public static final int ENTRY_PERMISSIONS = 2;
    public static final int ENTRY_ID = 4;
    public static final int ENTRY_BYTES = 8;

    public static final int TAG_USER = 2;
    public static final int TAG_GROUP = 8;

    private AclLayout() {}
}
