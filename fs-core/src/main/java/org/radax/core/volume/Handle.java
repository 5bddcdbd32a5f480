package org.radax.core.volume;

/** An open file or directory of a {@link Volume}. */
final class Handle extends OpenFile {
    private static final int O_ACCMODE = 3;

    private final long ino;
    private final int flags;
    private final boolean direct;

    Handle(long ino, int flags, boolean direct) {
        this.ino = ino;
        this.flags = flags;
        this.direct = direct;
    }

    @Override
    public long ino() {
        return ino;
    }

    @Override
    public boolean direct() {
        return direct;
    }

    boolean writable() {
        return (flags & O_ACCMODE) != 0;
    }
}
