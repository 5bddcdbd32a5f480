package org.radax.core.check;

import org.radax.core.format.AclLayout;
import org.radax.core.unit.Bytes;

/** Whether an attribute that holds a POSIX ACL is one. docs/FORMAT.md §11. */
final class AclForm {
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    private static final int ALL_FIELDS = AclLayout.HAS_MASK | 07777;
    private static final int OF_THE_MODE =
            7 << AclLayout.OTHER_SHIFT | 7 << AclLayout.MASK_SHIFT | 7 << AclLayout.OWNER_SHIFT;

    private AclForm() {}

    /** What is wrong with the attribute of an inode of this mode; null if nothing is, or it is no ACL. */
    static String problem(String name, byte[] value, int length, int mode) {
        boolean access = name.equals(ACCESS);
        if (!access && !name.equals(DEFAULT)) {
            return null;
        }
        int type = mode & InodeTable.S_IFMT;
        if (type == InodeTable.S_IFLNK || (!access && type != InodeTable.S_IFDIR)) {
            return "not for this type of inode";
        }
        if (length < AclLayout.ENTRIES || (length - AclLayout.ENTRIES) % AclLayout.ENTRY_BYTES != 0) {
            return length + " bytes";
        }
        int fields = Bytes.getInt(value, AclLayout.PERMISSIONS);
        boolean hasMask = (fields & AclLayout.HAS_MASK) != 0;
        if ((fields & ~ALL_FIELDS) != 0
                || (access && (fields & OF_THE_MODE) != 0)
                || (!hasMask && (fields & 7 << AclLayout.MASK_SHIFT) != 0)) {
            return "impossible permissions 0x" + Integer.toHexString(fields);
        }
        if (!hasMask && (access || length > AclLayout.ENTRIES)) {
            return "no mask";
        }
        int tagBefore = AclLayout.TAG_USER;
        for (int at = AclLayout.ENTRIES; at < length; at += AclLayout.ENTRY_BYTES) {
            int tag = Bytes.getShort(value, at + AclLayout.ENTRY_TAG);
            if ((tag != AclLayout.TAG_USER && tag != AclLayout.TAG_GROUP) || tag < tagBefore) {
                return "tag " + tag + " in entry " + (at - AclLayout.ENTRIES) / AclLayout.ENTRY_BYTES;
            }
            if (Bytes.getShort(value, at + AclLayout.ENTRY_PERMISSIONS) > 7
                    || Bytes.getInt(value, at + AclLayout.ENTRY_ID) == -1) {
                return "impossible entry " + (at - AclLayout.ENTRIES) / AclLayout.ENTRY_BYTES;
            }
            tagBefore = tag;
        }
        return null;
    }
}
