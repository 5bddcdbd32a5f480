package org.radax.core.dax;

import org.radax.core.error.FsException;

/** A file's blocks. The inode's lock is held. */
public interface Blocks {
    /** Where there is no block. */
    long HOLE = -1;

    /** The pool block of a page that has data, or {@link #HOLE}: unwritten blocks hold no data (D24). */
    long find(long page) throws FsException;
}
