package org.radax.core.volume;

import org.radax.core.error.FsException;
import org.radax.core.journal.Transaction;

/**
 * A transaction with the space and inodes it takes: staged together, committed together, and on every way out given
 * back together. Belongs to a lane and is reused with it.
 */
final class Operation implements AutoCloseable {
    /** What one step may need for tree nodes, a bucket, an inode chunk. */
    private static final int MOST_METADATA_BLOCKS = 12;

    /** What taking things away may need: a split at each level of the tree, and a record in the orphan tree. */
    private static final int MOST_FREEING_BLOCKS = 6;

    /** Words that changing one more extent may stage. */
    private static final int LEAST_ROOM = 2000;

    private final VolumeCore core;
    private Transaction tx;
    private boolean committed;

    Operation(VolumeCore core) {
        this.core = core;
    }

    void open(Transaction begun) {
        tx = begun;
        committed = false;
    }

    /** Sees to it that there are blocks at hand; ends the operation if there are not. */
    void fillPocket(boolean freeing) throws FsException {
        boolean filled = false;
        try {
            int least = freeing ? MOST_FREEING_BLOCKS : MOST_METADATA_BLOCKS;
            core.allocator.fillPocket(tx, least, freeing);
            filled = true;
        } finally {
            if (!filled) {
                close();
            }
        }
    }

    Transaction tx() {
        return tx;
    }

    /** Whether one more extent may be changed: the record holds the words, the pocket a block for each split. */
    boolean hasRoom() {
        return tx.room() > LEAST_ROOM && tx.pocketCount() >= MOST_FREEING_BLOCKS;
    }

    /** Makes it durable. */
    void commit() throws FsException {
        core.allocator.stage(tx);
        tx.commit();
        committed = true;
    }

    @Override
    public void close() throws FsException {
        try {
            if (committed) {
                core.allocator.settle(tx);
            } else {
                core.allocator.cancel(tx, core.journal.failure() != null);
            }
        } finally {
            core.inodes.unlock();
            tx.end();
        }
    }
}
