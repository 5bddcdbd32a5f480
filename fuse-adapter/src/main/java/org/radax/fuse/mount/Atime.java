package org.radax.fuse.mount;

/** The atime options of mount(8), as /proc/mounts shows them; the volume itself keeps the times. */
public enum Atime {
    RELATIME,
    NOATIME,
    STRICTATIME
}
