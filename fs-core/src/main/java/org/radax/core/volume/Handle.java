package org.radax.core.volume;

import org.radax.core.dax.Mapping;
import org.radax.core.error.Errno;

/** An open file or directory of a {@link Volume}. */
final class Handle extends OpenFile {
    private static final int O_ACCMODE = 3;
    private static final int O_WRONLY = 1;

    private final long ino;
    private final int flags;
    private final boolean direct;
    private long errorsSeen;

    /** {@code mapping}: the file's, or null if it has none. */
    Handle(long ino, int flags, boolean direct, Mapping mapping) {
        this.ino = ino;
        this.flags = flags;
        this.direct = direct;
        this.errorsSeen = mapping == null ? 0 : mapping.errors().sample();
    }

    /** The error of a writeback that this handle was not told yet, or null. */
    synchronized Errno nextError(Mapping mapping) {
        if (mapping == null) {
            return null;
        }
        Errno error = mapping.errors().checkSince(errorsSeen);
        errorsSeen = mapping.errors().now();
        return error;
    }

    @Override
    public long ino() {
        return ino;
    }

    @Override
    public boolean direct() {
        return direct;
    }

    boolean readable() {
        return (flags & O_ACCMODE) != O_WRONLY;
    }

    boolean writable() {
        return (flags & O_ACCMODE) != 0;
    }
}
