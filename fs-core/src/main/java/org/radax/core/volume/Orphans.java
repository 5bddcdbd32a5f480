package org.radax.core.volume;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.radax.core.btree.BTree;
import org.radax.core.btree.Cursor;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.FsException;
import org.radax.core.extent.ExtentMap;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.inode.InodeTable;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Units;

/**
 * Inodes with unfinished business: without a name but still held, or being truncated in steps. Recorded in a tree, so
 * that a mount after a crash finishes what was begun. Changes hold the volume state's lock until the commit.
 */
final class Orphans {
    static final long UNLINKED = 1;
    static final long TRUNCATED = 2;
    private static final long OWNER = 0;
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);
    private static final long ROOT = STATE + StateLayout.ORPHAN_ROOT;

    private final VolumeCore core;
    private final BTree tree;

    /** Inodes that are being cut, and those of which that failed midway: they have extents behind their end. */
    private final Set<Long> halfCut = ConcurrentHashMap.newKeySet();

    Orphans(VolumeCore core, BTree tree) {
        this.core = core;
        this.tree = tree;
    }

    void add(Transaction tx, long ino, long kind) throws FsException {
        core.allocator.lockState();
        tree.put(tx, ROOT, OWNER, ino, kind);
        tx.seal(STATE, StateLayout.CHECKED_BYTES, StateLayout.CHECKSUM);
    }

    /** Takes the record out if there is one. */
    void remove(Transaction tx, long ino) throws FsException {
        core.allocator.lockState();
        if (tree.remove(tx, ROOT, OWNER, ino)) {
            tx.seal(STATE, StateLayout.CHECKED_BYTES, StateLayout.CHECKSUM);
        }
    }

    private boolean next(WordReader reader, long from, Cursor at) throws FsException {
        return tree.ceiling(reader, ROOT, OWNER, from, at);
    }

    /**
     * Finishes everything unfinished: at mount, after the journal's recovery, and at unmount. Returns how many.
     *
     * @param alsoHeld also what is still open: nobody will use it any more
     */
    int reap(boolean alsoHeld) throws FsException {
        Cursor at = new Cursor();
        int count = 0;
        for (long from = 0; next(core.memory, from, at); from = at.key() + 1) {
            long ino = at.key();
            long kind = at.value();
            long stamp = core.locks.lockExclusive(ino);
            try {
                requireUnfinished(ino, kind);
                if (kind == UNLINKED && !alsoHeld && core.holds.isHeld(ino)) {
                    continue;
                }
                if (kind == UNLINKED) {
                    free(ino);
                } else {
                    cut(ino);
                }
            } finally {
                core.locks.unlock(ino, stamp);
            }
            count++;
        }
        return count;
    }

    /** What is on record is finished without a question: it must be what it is said to be. */
    private void requireUnfinished(long ino, long kind) throws CorruptPoolException {
        core.inodes.verify(ino);
        long inode = core.inodes.offsetOf(ino);
        boolean nameless = core.memory.getInt(inode + InodeLayout.LINK_COUNT) == 0;
        boolean sound = kind == UNLINKED ? nameless : kind == TRUNCATED && InodeFlags.isRegular(core.modeOf(inode));
        if (!sound || ino == InodeTable.ROOT_INO) {
            throw new CorruptPoolException("orphan tree", ROOT, "unfinished inodes", ino + " with value " + kind);
        }
    }

    /** Gives an inode without names up, with all it owns, in as many steps as it takes. Its lock is held. */
    void free(long ino) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        core.guard.breakLayout(ino, 0, Long.MAX_VALUE, LayoutGuard.Mode.FINAL);
        core.mappings.forget(ino);
        boolean done = false;
        while (!done) {
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                core.allocator.lockState();
                long before = tx.space().balance();
                done = dropContents(tx, inode, ino);
                VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
                if (done) {
                    remove(tx, ino);
                    core.inodes.free(tx, ino);
                }
                op.commit();
            }
        }
        forgetCut(ino);
        forgetCut(ino);
    }

    /** Frees data and attributes, as far as one transaction may go; true when nothing is left. */
    boolean dropContents(Transaction tx, long inode, long ino) throws FsException {
        int mode = core.modeOf(inode);
        if (InodeFlags.isRegular(mode) || (mode & InodeFlags.TYPE_MASK) == InodeFlags.SYMLINK) {
            long end = ExtentMap.MAX_FILE_BLOCKS;
            if (core.extents.remove(tx, VolumeCore.rootOf(inode), ino, 0, end) < end) {
                return false;
            }
        }
        // A directory without a name is empty: it owns no bucket.
        for (int i = 0; i < 8; i++) {
            if (!core.xattrs.removeFirstBlock(tx, inode, ino)) {
                return true;
            }
            VolumeCore.seal(tx, inode);
        }
        return tx.getLong(inode + InodeLayout.XATTR) == 0;
    }

    /** Cuts an inode's extents to its size, in steps, and takes its record out with the last. Its lock is held. */
    void cut(long ino) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        // Without a name it is on record for another reason, and stays so.
        boolean recorded = core.memory.getInt(inode + InodeLayout.LINK_COUNT) != 0;
        long from = Units.blocksFor(core.memory.getLong(inode + InodeLayout.SIZE));
        halfCut.add(ino);
        while (from < ExtentMap.MAX_FILE_BLOCKS) {
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                long before = tx.space().balance();
                from = core.extents.remove(tx, VolumeCore.rootOf(inode), ino, from, ExtentMap.MAX_FILE_BLOCKS);
                VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
                VolumeCore.seal(tx, inode);
                if (recorded && from == ExtentMap.MAX_FILE_BLOCKS) {
                    remove(tx, ino);
                }
                op.commit();
            }
        }
        halfCut.remove(ino);
    }

    /** Whether it has extents behind its end, and a record that says so, unless it has no name. */
    boolean isHalfCut(long ino) {
        return halfCut.contains(ino);
    }

    /** The inode is gone, with all it had. */
    void forgetCut(long ino) {
        halfCut.remove(ino);
    }

    /** Before an inode grows: what an earlier truncation that failed has left behind its end would be seen. */
    void finishCut(long ino) throws FsException {
        if (!halfCut.isEmpty() && halfCut.contains(ino)) {
            cut(ino);
        }
    }
}
