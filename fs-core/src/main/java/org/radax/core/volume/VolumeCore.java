package org.radax.core.volume;

import java.util.UUID;
import org.radax.core.alloc.Allocator;
import org.radax.core.btree.BTree;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.dir.Directory;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.ExtentMap;
import org.radax.core.format.Checksum;
import org.radax.core.format.DirectoryHash;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.Superblock;
import org.radax.core.inode.InodeTable;
import org.radax.core.journal.Journal;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.HostSpace;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.xattr.AttributeStore;

/** The parts of a mounted volume, wired up; what the operation classes share. */
final class VolumeCore {
    final PoolMemory memory;
    final Superblock superblock;
    final Geometry geometry;
    final StructureVerifier verifier;
    final Journal journal;
    final Allocator allocator;
    final InodeTable inodes;
    final ExtentMap extents;
    final Directory directories;
    final AttributeStore xattrs;
    final Orphans orphans;
    final InodeLocks locks = new InodeLocks();
    final Holds holds = new Holds();
    /** Files that are open through the kernel's page cache: they can not be mapped onto the pool beside that. */
    final Holds cachedOpens = new Holds();

    final FreezeGate gate = new FreezeGate();
    final LayoutGuard guard;
    final Mappings mappings;
    final DataChecksums checksums;
    private final Operation[] operations;
    private volatile VolumeOptions options;

    /** {@code guard}: of a test; null for the one that knows who maps what. */
    VolumeCore(PoolMemory memory, Superblock superblock, HostSpace host, LayoutGuard guard, VolumeOptions options) {
        this.memory = memory;
        this.superblock = superblock;
        this.geometry = superblock.geometry();
        this.mappings = new Mappings(this);
        this.checksums = new DataChecksums(this);
        this.guard = guard == null ? mappings : guard;
        this.options = options;
        UUID uuid = superblock.uuid();
        verifier = new StructureVerifier(memory, geometry, uuid);
        journal = new Journal(memory, geometry, uuid);
        if (memory.domain() instanceof CrashRecorder recorder) {
            journal.suppressRecords(recorder::leavesRecordOut);
        }
        allocator = new Allocator(
                memory, geometry, host, new Checksum(uuid), superblock.reserveBlocks(), options.discard());
        inodes = new InodeTable(memory, geometry, verifier, new Checksum(uuid), superblock.rootInodeOffset());
        BTree tree = new BTree(verifier, new Checksum(uuid));
        extents = new ExtentMap(tree, geometry);
        directories = new Directory(
                tree, verifier, new DirectoryHash(superblock.hashKey0(), superblock.hashKey1()), new Checksum(uuid));
        xattrs = new AttributeStore(memory, verifier, new Checksum(uuid));
        orphans = new Orphans(this, tree);
        operations = new Operation[geometry.laneCount()];
        for (int lane = 0; lane < operations.length; lane++) {
            operations[lane] = new Operation(this);
        }
    }

    VolumeOptions options() {
        return options;
    }

    void useOptions(VolumeOptions changed) {
        options = changed;
    }

    /** Refuses changes on a read-only volume. */
    void requireWritable(String operation) throws FsException {
        if (options.readOnly()) {
            throw new FsException(Errno.EROFS, operation, "mounted read-only");
        }
        if (journal.failure() != null) {
            throw new FsException(Errno.EROFS, operation, journal.failure());
        }
    }

    /**
     * Opens a transaction; to be closed in any case, after the locks it needs were taken.
     *
     * @param freeing whether it frees space, or takes no data block: it may draw on the reserve
     */
    Operation begin(boolean freeing) throws FsException {
        Operation operation = beginSmall();
        operation.fillPocket(freeing);
        return operation;
    }

    /** Changes times only: needs no space. */
    Operation beginSmall() throws FsException {
        Transaction tx = journal.begin();
        Operation operation = operations[tx.lane()];
        operation.open(tx);
        return operation;
    }

    /** Pool offset of the inline root of an inode's tree. */
    static long rootOf(long inodeOffset) {
        return inodeOffset + InodeLayout.ROOT;
    }

    int modeOf(long inodeOffset) {
        return memory.getInt(inodeOffset + InodeLayout.MODE);
    }

    /** Refuses changes of immutable and append-only inodes. */
    void requireChangeable(long inodeOffset, String operation) throws FsException {
        if ((memory.getInt(inodeOffset + InodeLayout.FLAGS) & InodeFlags.UNCHANGEABLE) != 0) {
            throw new FsException(Errno.EPERM, operation, "immutable or append-only");
        }
    }

    static void seal(Transaction tx, long inodeOffset) {
        tx.seal(inodeOffset, InodeLayout.CHECKED_BYTES, InodeLayout.CHECKSUM);
    }

    /** Stages modification and change time. */
    static void touch(Transaction tx, long inodeOffset, long now) {
        tx.putLong(inodeOffset + InodeLayout.MTIME, now);
        tx.putLong(inodeOffset + InodeLayout.CTIME, now);
        seal(tx, inodeOffset);
    }

    /** Stages an increase of an inode's block count. */
    static void addBlocks(Transaction tx, long inodeOffset, long blocks) {
        if (blocks != 0) {
            tx.putLong(inodeOffset + InodeLayout.BLOCKS, tx.getLong(inodeOffset + InodeLayout.BLOCKS) + blocks);
            seal(tx, inodeOffset);
        }
    }
}
