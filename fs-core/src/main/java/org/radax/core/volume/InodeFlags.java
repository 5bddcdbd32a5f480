package org.radax.core.volume;

/** {@code FS_*_FL} bits and file types, as Linux has them. */
final class InodeFlags {
    static final int IMMUTABLE = 0x10;
    static final int APPEND = 0x20;
    static final int NODUMP = 0x40;
    static final int NOATIME = 0x80;
    static final int DAX = 0x2000000;
    /** What may be added to at most. */
    static final int UNCHANGEABLE = IMMUTABLE | APPEND;

    static final int KNOWN = IMMUTABLE | APPEND | NODUMP | NOATIME | DAX;

    static final int XFLAG_IMMUTABLE = 0x8;
    static final int XFLAG_APPEND = 0x10;
    static final int XFLAG_NOATIME = 0x40;
    static final int XFLAG_NODUMP = 0x80;
    static final int XFLAG_EXTSIZE = 0x800;
    static final int XFLAG_DAX = 0x8000;

    static final int TYPE_MASK = 0170000;
    static final int DIRECTORY = 0040000;
    static final int REGULAR = 0100000;
    static final int SYMLINK = 0120000;
    static final int CHARACTER = 0020000;
    static final int SETUID = 04000;
    static final int SETGID = 02000;
    static final int GROUP_EXECUTE = 0010;
    static final int PERMISSIONS = 0777;

    private InodeFlags() {}

    static boolean isDirectory(int mode) {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    static boolean isRegular(int mode) {
        return (mode & TYPE_MASK) == REGULAR;
    }

    /** The mode without setuid, and without setgid unless it is mandatory locking's mark and the group's to keep. */
    static int withoutPrivileges(int mode, boolean inGroup) {
        int cleared = mode & ~SETUID;
        return (mode & GROUP_EXECUTE) != 0 || !inGroup ? cleared & ~SETGID : cleared;
    }
}
