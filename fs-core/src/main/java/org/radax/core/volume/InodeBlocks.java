package org.radax.core.volume;

import org.radax.core.dax.Blocks;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;

/** An inode's extents, for writeback. Its lock is held. */
final class InodeBlocks implements Blocks {
    private final VolumeCore core;
    private final long ino;
    private final Extent extent = new Extent();

    InodeBlocks(VolumeCore core, long ino) {
        this.core = core;
        this.ino = ino;
    }

    @Override
    public long find(long page) throws FsException {
        core.extents.find(core.memory, VolumeCore.rootOf(core.inodes.offsetOf(ino)), ino, page, extent);
        return extent.hasData() ? extent.poolBlock() : HOLE;
    }
}
