package org.radax.core.volume;

import java.nio.file.Path;
import java.util.List;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.Superblock;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/** Finds the superblock, or says in one line why there is none to work with. */
final class SuperblockReader {
    private SuperblockReader() {}

    /** The primary, or the replica (with a remark) if the primary is damaged. */
    static Superblock read(Path pool, PoolMemory memory, List<String> remarks) throws PoolException {
        byte[] primary = new byte[Units.BLOCK_BYTES];
        byte[] replica = new byte[Units.BLOCK_BYTES];
        try {
            memory.copyOut(0, primary, 0, primary.length);
            String damage = Superblock.damage(primary, Geometry.SUPERBLOCK);
            if (damage == null) {
                return accept(pool, Superblock.decode(primary), memory, remarks);
            }
            long last = Units.blockOf(memory.sizeBytes()) - 1;
            memory.copyOut(Units.blockToBytes(last), replica, 0, replica.length);
            String replicaDamage = Superblock.damage(replica, last);
            if (replicaDamage == null) {
                Superblock found = accept(pool, Superblock.decode(replica), memory, remarks);
                remarks.add("the superblock is damaged (" + damage + "): its replica in block " + last
                        + " was used; run radax fsck -y to mend it");
                return found;
            }
            if (!Superblock.hasMagic(primary) && !Superblock.hasMagic(replica)) {
                throw new PoolException(
                        Errno.EINVAL, pool + ": not a Radax pool (no superblock); make one with radax mkfs");
            }
            throw new PoolException(
                    Errno.EUCLEAN,
                    pool + ": superblock damaged (" + damage + ") and its replica in block " + last + " too ("
                            + replicaDamage + "): the pool was truncated or overwritten; restore it from a copy");
        } catch (InternalError e) {
            throw new PoolException(Errno.EIO, pool + ": the superblock can not be read: " + e.getMessage());
        }
    }

    private static Superblock accept(Path pool, Superblock found, PoolMemory memory, List<String> remarks)
            throws PoolException {
        if (found.major() != Geometry.FORMAT_MAJOR || found.minor() != Geometry.FORMAT_MINOR) {
            throw new PoolException(
                    Errno.EINVAL,
                    pool + ": format " + found.major() + "." + found.minor() + ", this radax knows "
                            + Geometry.FORMAT_MAJOR + "." + Geometry.FORMAT_MINOR + "; use the radax it was made with");
        }
        if (found.incompatible() != 0) {
            throw new PoolException(
                    Errno.EINVAL,
                    pool + ": unknown features 0x" + Long.toHexString(found.incompatible()) + "; use a newer radax");
        }
        if (found.sizeBytes() > memory.sizeBytes()) {
            throw new PoolException(
                    Errno.EUCLEAN,
                    pool + ": truncated: the pool was made with " + found.sizeBytes() + " bytes, " + memory.sizeBytes()
                            + " are there; restore its length or a copy");
        }
        if (found.unknownReadOnlyCompatible() != 0) {
            remarks.add("unknown features 0x" + Long.toHexString(found.unknownReadOnlyCompatible())
                    + ": for reading only; use a newer radax to write");
        }
        return found;
    }
}
