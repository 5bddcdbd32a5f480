package org.radax.core.volume;

import org.radax.core.dax.FaultBlocks;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Units;

/** An inode's extents, for faults. Its lock is held, exclusively to fill a hole. */
final class FaultedBlocks implements FaultBlocks {
    private final VolumeCore core;
    private final FileData data;
    private final long ino;
    private final InodeBlocks found;
    private final Extent extent = new Extent();

    FaultedBlocks(VolumeCore core, FileData data, long ino) {
        this.core = core;
        this.data = data;
        this.ino = ino;
        this.found = new InodeBlocks(core, ino);
    }

    @Override
    public long find(long page) throws FsException {
        return found.find(page);
    }

    @Override
    public long findHuge(long page) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        core.extents.find(core.memory, VolumeCore.rootOf(inode), ino, page, extent);
        boolean inside = page + HUGE_PAGES <= Units.blocksFor(core.memory.getLong(inode + InodeLayout.SIZE));
        if (!inside || extent.end() < page + HUGE_PAGES) {
            return NOT_HUGE;
        }
        if (!extent.hasData()) {
            return HOLE;
        }
        return extent.poolBlock() % HUGE_PAGES == 0 ? extent.poolBlock() : NOT_HUGE;
    }

    @Override
    public long fill(long page) throws FsException {
        data.fillHole(ino, page);
        return found.find(page);
    }
}
