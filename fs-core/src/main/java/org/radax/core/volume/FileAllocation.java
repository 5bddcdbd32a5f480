package org.radax.core.volume;

import java.util.ArrayList;
import java.util.List;
import org.radax.core.alloc.BlockRange;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.extent.ExtentMap;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * Truncate and fallocate: what changes which blocks a file has, and not what is in them.
 *
 * <p>Crash order: one transaction per step shows the new extents, size and times. Bytes that become zero are zeroed in
 * place where nobody sees them yet before it, and where somebody does only when nothing can fail any more. A truncation
 * zeroes the tail of its last block after its commit: before it, a crash would show zeroes inside the old size.
 */
final class FileAllocation {
    private final VolumeCore core;
    private final PoolMemory memory;
    private final FileBlocks blocks;
    private final Privileges privileges;

    FileAllocation(VolumeCore core, Privileges privileges) {
        this.core = core;
        this.privileges = privileges;
        this.memory = core.memory;
        this.blocks = new FileBlocks(core);
    }

    // Changing the size.

    /** Sets the size; the inode's lock is held exclusively. */
    void truncateLocked(Caller caller, long ino, long newSize, boolean kill) throws FsException {
        if (newSize < 0 || newSize > Units.MAX_FILE_BYTES) {
            throw new FsException(Errno.EFBIG, "truncate", "to " + newSize + ", files end at 16 TiB");
        }
        long inode = core.inodes.offsetOf(ino);
        if (!InodeFlags.isRegular(core.modeOf(inode))) {
            throw new FsException(
                    InodeFlags.isDirectory(core.modeOf(inode)) ? Errno.EISDIR : Errno.EINVAL, "truncate", "not a file");
        }
        core.requireChangeable(inode, "truncate");
        privileges.drop(inode, ino, caller, kill);
        long size = memory.getLong(inode + InodeLayout.SIZE);
        if (newSize >= size) {
            blocks.zeroBehindEnd(inode, ino, newSize);
            try (Operation op = core.beginSmall()) {
                op.tx().dataStored();
                FileBlocks.finishWrite(op.tx(), inode, newSize, Clock.now());
                op.commit();
            }
            blocks.settleEdges(ino, size, size);
            return;
        }
        long firstGone = Units.alignUp(newSize, Units.BLOCK_BYTES);
        boolean[] more = new boolean[1];
        core.guard.changeLayout(ino, firstGone, Long.MAX_VALUE, () -> more[0] = shrink(inode, ino, newSize));
        if (more[0]) {
            core.orphans.cut(ino);
        }
        // Needs no fence: nobody sees these bytes, and growing zeroes them again.
        blocks.zeroInPlace(inode, ino, newSize, firstGone);
        blocks.settleEdges(ino, newSize, newSize);
    }

    /** Returns whether there is more to free than one transaction can: it is on record then. */
    private boolean shrink(long inode, long ino, long newSize) throws FsException {
        try (Operation op = core.begin(true)) {
            Transaction tx = op.tx();
            long before = tx.space().balance();
            long end = ExtentMap.MAX_FILE_BLOCKS;
            boolean more = core.extents.remove(tx, VolumeCore.rootOf(inode), ino, Units.blocksFor(newSize), end) < end;
            VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
            FileBlocks.finishWrite(tx, inode, newSize, Clock.now());
            if (more && memory.getInt(inode + InodeLayout.LINK_COUNT) != 0) {
                core.orphans.add(tx, ino, Orphans.TRUNCATED);
            }
            op.commit();
            return more;
        }
    }

    // fallocate.

    void allocate(Caller caller, long ino, long start, long end, boolean keepSize) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = prepare(caller, ino, end, "fallocate", InodeFlags.IMMUTABLE);
            allocateUnwritten(inode, ino, start, end, keepSize, false);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /** @param refused inode flags that forbid it: an append-only file may get blocks, and not lose data (vfs_fallocate) */
    private long prepare(Caller caller, long ino, long end, String operation, int refused) throws FsException {
        core.requireWritable(operation);
        long inode = core.inodes.offsetOf(ino);
        if ((memory.getInt(inode + InodeLayout.FLAGS) & refused) != 0) {
            throw new FsException(Errno.EPERM, operation, "immutable or append-only");
        }
        if (!InodeFlags.isRegular(core.modeOf(inode))) {
            throw new FsException(Errno.ENODEV, operation, "not a regular file");
        }
        if (end > Units.MAX_FILE_BYTES || end < 0) {
            throw new FsException(Errno.EFBIG, operation, "to " + end + ", files end at 16 TiB");
        }
        privileges.drop(inode, ino, caller, Privileges.lacksSetIdRight(caller));
        return inode;
    }

    /**
     * Maps the holes of a range to unwritten blocks, and grows the file to the range's end. All or, for lack of space,
     * nothing; in one transaction unless the range is very long or fragmented.
     *
     * @param zero turn the range's whole blocks of data unwritten as well
     */
    private void allocateUnwritten(long inode, long ino, long start, long end, boolean keepSize, boolean zero)
            throws FsException {
        long root = VolumeCore.rootOf(inode);
        long last = Units.blocksFor(end);
        long reserved = blocks.countHoles(inode, ino, Units.blockOf(start), last);
        core.allocator.reserve(reserved);
        Extent extent = new Extent();
        BlockRange range = new BlockRange();
        AllocatedRanges allocated = new AllocatedRanges(inode, ino);
        try {
            long size = memory.getLong(inode + InodeLayout.SIZE);
            long newSize = keepSize ? size : Math.max(size, end);
            blocks.zeroBehindEnd(inode, ino, newSize);
            long block = Units.blockOf(start);
            while (block < last) {
                try (Operation op = core.begin(false)) {
                    Transaction tx = op.tx();
                    tx.dataStored();
                    long before = tx.space().balance();
                    long step = 0;
                    while (block < last && op.hasRoom() && step < ExtentMap.MAX_BLOCKS_PER_STEP) {
                        core.extents.find(tx, root, ino, block, extent);
                        long count = Math.min(extent.end(), last) - block;
                        if (extent.isHole()) {
                            long hint = blocks.poolHint(tx, root, ino, block);
                            long want = Math.min(count, ExtentMap.MAX_BLOCKS_PER_STEP - step);
                            core.allocator.allocate(tx, want, hint, range);
                            reserved -= range.count();
                            count = range.count();
                            core.extents.insert(tx, root, ino, block, range.start(), count, true);
                            allocated.note(block, block + count);
                            step += count;
                        } else if (zero && extent.hasData()) {
                            long from = Math.max(block, Units.blocksFor(start));
                            long to = Math.min(block + count, Units.blockOf(end));
                            if (from < to) {
                                core.extents.setUnwritten(tx, root, ino, from, to, true);
                            }
                        }
                        block += count;
                    }
                    VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
                    FileBlocks.finishWrite(tx, inode, block < last ? size : newSize, Clock.now());
                    if (zero && !allocated.isCommitted()) {
                        // Only now: what failed so far has left no trace.
                        zeroEdges(inode, ino, start, end);
                    }
                    op.commit();
                    allocated.committed();
                }
            }
            if (newSize > size) {
                blocks.settleEdges(ino, size, size);
            }
            if (zero) {
                blocks.settleEdges(ino, start, end);
            }
        } catch (FsException e) {
            allocated.giveBack(e);
            throw e;
        } finally {
            core.allocator.unreserve(reserved);
        }
    }

    /** What the steps of a long allocation have mapped: taken back if a later one fails. */
    private final class AllocatedRanges {
        private final long inode;
        private final long ino;
        private final long mtime;
        private final long ctime;
        private final List<long[]> ranges = new ArrayList<>();
        private int committed = -1;

        AllocatedRanges(long inode, long ino) {
            this.inode = inode;
            this.ino = ino;
            this.mtime = memory.getLong(inode + InodeLayout.MTIME);
            this.ctime = memory.getLong(inode + InodeLayout.CTIME);
        }

        void note(long start, long end) {
            ranges.add(new long[] {start, end});
        }

        void committed() {
            committed = ranges.size();
        }

        boolean isCommitted() {
            return committed >= 0;
        }

        void giveBack(FsException reason) {
            try {
                for (int i = committed - 1; i >= 0; i--) {
                    for (long block = ranges.get(i)[0]; block < ranges.get(i)[1]; ) {
                        block = giveBack(block, ranges.get(i)[1]);
                    }
                }
            } catch (FsException e) {
                reason.addSuppressed(e);
            }
        }

        private long giveBack(long start, long end) throws FsException {
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                long before = tx.space().balance();
                long done = core.extents.remove(tx, VolumeCore.rootOf(inode), ino, start, end);
                VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
                tx.putLong(inode + InodeLayout.MTIME, mtime);
                tx.putLong(inode + InodeLayout.CTIME, ctime);
                VolumeCore.seal(tx, inode);
                op.commit();
                return done;
            }
        }
    }

    void punch(Caller caller, long ino, long start, long end) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = prepare(caller, ino, end, "punch hole", InodeFlags.UNCHANGEABLE);
            core.guard.changeLayout(ino, start, end, () -> removeBlocks(inode, ino, start, end));
            blocks.settleEdges(ino, start, end);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    private void removeBlocks(long inode, long ino, long start, long end) throws FsException {
        long block = Units.blocksFor(start);
        long stop = Math.max(block, Units.blockOf(end));
        boolean edged = false;
        do {
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                long before = tx.space().balance();
                block = core.extents.remove(tx, VolumeCore.rootOf(inode), ino, block, stop);
                VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
                VolumeCore.touch(tx, inode, Clock.now());
                if (!edged) {
                    // Only now: what failed so far has left no trace.
                    zeroEdges(inode, ino, start, end);
                    edged = true;
                }
                op.commit();
            }
        } while (block < stop);
    }

    private void zeroEdges(long inode, long ino, long start, long end) throws FsException {
        long firstWhole = Units.alignUp(start, Units.BLOCK_BYTES);
        long lastWhole = Units.alignDown(end, Units.BLOCK_BYTES);
        if (firstWhole > lastWhole) {
            blocks.zeroInPlace(inode, ino, start, end);
        } else {
            blocks.zeroInPlace(inode, ino, start, firstWhole);
            blocks.zeroInPlace(inode, ino, lastWhole, end);
        }
    }

    void zeroRange(Caller caller, long ino, long start, long end, boolean keepSize) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = prepare(caller, ino, end, "zero range", InodeFlags.UNCHANGEABLE);
            core.guard.changeLayout(ino, start, end, () -> {
                if (blocks.countHoles(inode, ino, Units.blockOf(start), Units.blocksFor(end))
                        > ExtentMap.MAX_BLOCKS_PER_STEP) {
                    // Several steps, and what was zeroed can not be undone: the space first.
                    allocateUnwritten(inode, ino, start, end, true, false);
                }
                allocateUnwritten(inode, ino, start, end, keepSize, true);
            });
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }
}
