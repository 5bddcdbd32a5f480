package org.radax.it.model;

import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.radax.it.harness.Posix;

/** statx(2) of a path, symbolic links not followed. */
record Statx(
        int mode,
        int links,
        int uid,
        int gid,
        long ino,
        long size,
        long atimeNanos,
        long mtimeNanos,
        long ctimeNanos,
        long birthNanos) {
    private static final int STATX_BTIME = 0x800;
    private static final long NANOS = 1_000_000_000L;
    private static final Pointer BUFFER = Memory.allocateDirect(Runtime.getRuntime(Posix.LIBC), Posix.STATX_BYTES);

    /** Null, with errno set, if it fails. Not thread-safe. */
    static Statx of(String path) {
        if (Posix.LIBC.statx(Posix.AT_FDCWD, path, Posix.AT_SYMLINK_NOFOLLOW, Posix.STATX_ALL, BUFFER) != 0) {
            return null;
        }
        return read();
    }

    private static Statx read() {
        boolean hasBirth = (BUFFER.getInt(0) & STATX_BTIME) != 0;
        return new Statx(
                BUFFER.getShort(28) & 0xffff,
                BUFFER.getInt(16),
                BUFFER.getInt(20),
                BUFFER.getInt(24),
                BUFFER.getLong(32),
                BUFFER.getLong(40),
                time(64),
                time(112),
                time(96),
                hasBirth ? time(80) : 0);
    }

    private static long time(int offset) {
        return BUFFER.getLong(offset) * NANOS + BUFFER.getInt(offset + 8);
    }
}
