package org.radax.fuse.mount;

/** MS_* of mount(2). */
final class MountFlags {
    static final long READ_ONLY = 1;
    static final long NOSUID = 2;
    static final long NODEV = 4;
    static final long NOEXEC = 8;
    static final long REMOUNT = 32;
    static final long NOATIME = 1024;
    static final long RELATIME = 1L << 21;
    static final long STRICTATIME = 1L << 24;

    private MountFlags() {}

    static long of(MountOptions o) {
        return (o.readOnly() ? READ_ONLY : 0)
                | (o.suid() ? 0 : NOSUID)
                | (o.dev() ? 0 : NODEV)
                | (o.exec() ? 0 : NOEXEC)
                | switch (o.atime()) {
                    case RELATIME -> RELATIME;
                    case NOATIME -> NOATIME;
                    case STRICTATIME -> STRICTATIME;
                };
    }
}
