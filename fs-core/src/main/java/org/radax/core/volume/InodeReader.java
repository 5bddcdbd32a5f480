package org.radax.core.volume;

import org.radax.core.dax.Mapping;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.format.InodeLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/** Fills {@link Attributes} from an inode. */
final class InodeReader {
    private final VolumeCore core;

    InodeReader(VolumeCore core) {
        this.core = core;
    }

    /** The inode's lock is held. */
    void fill(long ino, Attributes out) throws CorruptPoolException {
        PoolMemory memory = core.memory;
        long inode = core.inodes.offsetOf(ino);
        memory.requireThere(inode, InodeLayout.MAGIC_VALUE);
        out.ino = ino;
        out.generation = memory.getInt(inode + InodeLayout.GENERATION) & 0xffffffffL;
        out.mode = memory.getInt(inode + InodeLayout.MODE);
        out.linkCount = memory.getInt(inode + InodeLayout.LINK_COUNT);
        out.uid = memory.getInt(inode + InodeLayout.UID);
        out.gid = memory.getInt(inode + InodeLayout.GID);
        out.rdev = memory.getInt(inode + InodeLayout.RDEV);
        out.blocks = memory.getLong(inode + InodeLayout.BLOCKS);
        out.sizeBytes = InodeFlags.isDirectory(out.mode)
                ? Math.max(Units.BLOCK_BYTES, Units.blockToBytes(out.blocks))
                : memory.getLong(inode + InodeLayout.SIZE);
        out.atimeNanos = memory.getLong(inode + InodeLayout.ATIME);
        out.mtimeNanos = memory.getLong(inode + InodeLayout.MTIME);
        out.ctimeNanos = memory.getLong(inode + InodeLayout.CTIME);
        out.birthNanos = memory.getLong(inode + InodeLayout.BIRTH);
        out.flags = memory.getInt(inode + InodeLayout.FLAGS);
        out.dax = isDax(inode, out.mode);
        Mapping mapping = core.mappings.find(ino);
        out.mapped = mapping != null && mapping.hasSilentClients();
    }

    boolean isDax(long inode, int mode) {
        return switch (core.options().dax()) {
            case ALWAYS -> InodeFlags.isRegular(mode);
            case NEVER -> false;
            case INODE ->
                InodeFlags.isRegular(mode) && (core.memory.getInt(inode + InodeLayout.FLAGS) & InodeFlags.DAX) != 0;
        };
    }
}
