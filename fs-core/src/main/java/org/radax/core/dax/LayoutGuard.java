package org.radax.core.dax;

import org.radax.core.error.FsException;

/**
 * Stands between a file's blocks and whoever maps them. Truncate, punch and the DAX switch break the layout before
 * blocks are freed or moved (D30, D32, D33). The caller holds the inode's lock and is in no transaction (D35).
 */
public interface LayoutGuard {
    /** How to break a layout. */
    enum Mode {
        /** Wait until nobody is busy with the range. */
        WAIT,
        /** EBUSY if somebody is. */
        NOWAIT,
        /** The inode is going away: nobody can come back. */
        FINAL
    }

    /**
     * Unmaps the range from every client and waits until none of its pages is busy.
     *
     * @param start first byte of the file
     * @param end one past the last, {@link Long#MAX_VALUE} for all
     */
    void breakLayout(long ino, long start, long end, Mode mode) throws FsException;

    /** What switches a file between the page cache and direct access, in a transaction of its own. */
    @FunctionalInterface
    interface Change {
        void run() throws FsException;
    }

    /**
     * Writes back, forgets the file's pages and has the switch done, while nobody can map any (D33).
     *
     * @throws FsException EBUSY if the file is mapped (D34)
     */
    void switchMode(long ino, Change change) throws FsException;
}
