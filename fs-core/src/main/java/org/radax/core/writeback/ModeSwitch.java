package org.radax.core.writeback;

import org.radax.core.dax.Blocks;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.dax.Mapping;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/** Switches a file between the page cache and direct access (D33; {@code xfs_diflags_to_iflags} and its predecessors). */
public final class ModeSwitch {
    private ModeSwitch() {}

    /**
     * Locks faults out, writes back, forgets the pages, and has the flag changed (in a transaction of its own, D35). The caller holds the inode's lock
     * exclusively: no I/O comes in between.
     *
     * @throws FsException EBUSY if the file is mapped (D34); nothing was changed
     */
    public static void run(Mapping mapping, Writeback writeback, Blocks blocks, long now, LayoutGuard.Change change)
            throws FsException {
        mapping.lockFaultsOut();
        try {
            if (mapping.isMapped()) {
                throw new FsException(Errno.EBUSY, "switch DAX", "the file is mapped");
            }
            writeback.sync(mapping, blocks, 0, Mapping.MAX_PAGES, now, () -> false);
            mapping.delete(0, Mapping.MAX_PAGES);
            change.run();
        } finally {
            mapping.letFaultsIn();
        }
    }
}
