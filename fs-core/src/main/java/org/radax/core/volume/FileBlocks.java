package org.radax.core.volume;

import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/** What writing, truncating and fallocate share: holes counted, bytes zeroed in place, the inode brought up to date. */
final class FileBlocks {
    private final VolumeCore core;
    private final PoolMemory memory;
    private final ThreadLocal<Extent> extents = ThreadLocal.withInitial(Extent::new);

    FileBlocks(VolumeCore core) {
        this.core = core;
        this.memory = core.memory;
    }

    /** Blocks of {@code [start, end)} that nothing is allocated for. */
    long countHoles(long inode, long ino, long start, long end) throws FsException {
        return count(inode, ino, start, end, false);
    }

    /** Blocks of {@code [start, end)} that nothing is allocated for, or that have data. */
    long countHolesAndData(long inode, long ino, long start, long end) throws FsException {
        return count(inode, ino, start, end, true);
    }

    private long count(long inode, long ino, long start, long end, boolean dataToo) throws FsException {
        Extent extent = extents.get();
        long count = 0;
        for (long block = start; block < end; block = extent.end()) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, block, extent);
            if (extent.isHole() || (dataToo && extent.hasData())) {
                count += Math.min(end, extent.end()) - block;
            }
        }
        return count;
    }

    /** Where to allocate a block: behind the one before it, so that the file stays in one piece; 0 for anywhere. */
    long poolHint(Transaction tx, long root, long ino, long block) throws FsException {
        if (block == 0) {
            return 0;
        }
        Extent extent = extents.get();
        core.extents.find(tx, root, ino, block - 1, extent);
        return extent.isHole() ? 0 : extent.poolBlock() + 1;
    }

    /**
     * Zeroes the rest of the last block before the file grows beyond it, up to {@code limit} where new data begins.
     * Nobody sees these bytes yet: in place, and durable before the size by the caller's fence.
     */
    void zeroBehindEnd(long inode, long ino, long limit) throws FsException {
        long size = memory.getLong(inode + InodeLayout.SIZE);
        if (limit > size) {
            core.orphans.finishCut(ino);
            core.mappings.unmapHoles(ino, Units.blocksFor(size), Units.blocksFor(limit));
            zeroInPlace(inode, ino, size, Math.min(limit, Units.alignUp(size, Units.BLOCK_BYTES)));
        }
    }

    /** Zeroes bytes where there is data; the caller fences, and settles the checksums of the first page and the last. */
    void zeroInPlace(long inode, long ino, long start, long end) throws FsException {
        Extent extent = extents.get();
        long at = start;
        while (at < end) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, Units.blockOf(at), extent);
            long until = Math.min(end, extent.end() << Units.BLOCK_SHIFT);
            if (extent.hasData()) {
                long offset = Units.blockToBytes(extent.poolBlock()) + Units.offsetInBlock(at);
                core.checksums.forgetInPlace(offset, until - at);
                memory.zero(offset, until - at);
                memory.writeBack(offset, until - at);
            }
            at = until;
        }
    }

    /** Sets the checksums of the pages in which two bytes lie, once what was done to them is durable. */
    void settleEdges(long ino, long start, long end) throws FsException {
        long first = Units.blockOf(start);
        long last = Units.blockOf(end);
        core.checksums.settle(ino, first, first + 1);
        if (last != first) {
            core.checksums.settle(ino, last, last + 1);
        }
    }

    /** Stages size and times. */
    static void finishWrite(Transaction tx, long inode, long size, long now) {
        tx.putLong(inode + InodeLayout.SIZE, size);
        VolumeCore.touch(tx, inode, now);
    }
}
