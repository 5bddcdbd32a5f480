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

    /**
     * As {@link #breakLayout}, and has the blocks freed. If that fails the file keeps them, and with them all that anybody
     * stored before he lost sight of them: dirty, and durable with the next sync.
     */
    default void changeLayout(long ino, long start, long end, Change change) throws FsException {
        boolean kept = true;
        try {
            breakLayout(ino, start, end, Mode.WAIT);
            change.run();
            kept = false;
        } finally {
            settleLayout(ino, kept);
        }
    }

    /** Ends what {@link #breakLayout} began, the inode's lock still held. */
    void settleLayout(long ino, boolean kept);

    /** What frees blocks, or switches a file between the page cache and direct access, in transactions of its own. */
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
