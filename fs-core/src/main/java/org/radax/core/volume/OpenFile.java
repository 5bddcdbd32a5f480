package org.radax.core.volume;

/** An open file (or directory): what a descriptor stands for. Keeps its inode alive until released. */
public abstract class OpenFile {
    /** The inode, as {@link Attributes#ino}. */
    public abstract long ino();

    /** Whether it must be read and written past the page cache (a DAX file). */
    public abstract boolean direct();
}
