package org.radax.core.inode;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.lock.Guarded;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inodes by number. Chunks of fifteen are made when all others are full and given up when their last inode goes.
 *
 * <p>Taking and giving an inode holds one lock from the staging until {@link #unlock}, after the commit: chunk
 * headers are shared words. Everything else is under the inode's own lock, which is not this class's business.
 */
public final class InodeTable {
    private static final Logger LOG = LoggerFactory.getLogger(InodeTable.class);
    public static final long ROOT_INO = 1;
    private static final long ALL_SLOTS = 0xfffe;
    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFLNK = 0120000;
    private static final int S_IFSOCK = 0140000;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final StructureVerifier verifier;
    private final byte[] uuid;
    private final long rootOffset;
    private final ReentrantLock lock = new ReentrantLock();
    /** Chunks that had a free slot when they were put here; the top is looked at first. */
    private long[] candidates = new long[64];

    private int candidateCount;
    private long nextGroupToScan;

    public InodeTable(
            PoolMemory memory, Geometry geometry, StructureVerifier verifier, Checksum checksum, long rootOffset) {
        this.memory = memory;
        this.geometry = geometry;
        this.verifier = verifier;
        this.uuid = checksum.uuidBytes().clone();
        this.rootOffset = rootOffset;
    }

    /** Pool offset of an inode that is known to be in use. */
    public long offsetOf(long ino) {
        return ino == ROOT_INO ? rootOffset : ino * Geometry.INODE_BYTES;
    }

    private static long chunkOf(long ino) {
        return ino >>> 4;
    }

    /**
     * Pool offset of an inode named by somebody outside.
     *
     * @throws FsException ESTALE if no such inode is in use
     */
    public long require(long ino) throws FsException {
        if (ino == ROOT_INO) {
            return rootOffset;
        }
        if (!isInUse(ino)) {
            throw notInUse(ino);
        }
        return ino * Geometry.INODE_BYTES;
    }

    private static FsException notInUse(long ino) {
        // Unless the page that says so is gone.
        RawMemory.raisePendingError();
        return new FsException(Errno.ESTALE, "inode " + ino, "not in use");
    }

    /** Runs while no inode is made or given up, and so no chunk's header changes; not if the block is no chunk. */
    public void whileStill(long chunk, Guarded look) throws FsException {
        lock.lock();
        try {
            if (isChunk(memory, chunk)) {
                look.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether an inode is in use and, its lock being held, stays it. Asked for by number alone, {@link #require} may find
     * one of which the creation is still being stored.
     */
    public boolean isWhole(long ino) {
        lock.lock();
        try {
            return ino == ROOT_INO || isInUse(ino);
        } finally {
            lock.unlock();
        }
    }

    /** Checks that an inode is in use, its identity, checksum, type and size; the caller holds its lock. */
    public void verify(long ino) throws CorruptPoolException {
        if (ino != ROOT_INO && !isInUse(ino)) {
            throw new CorruptPoolException("name or number", Geometry.STATE_BLOCK, "an inode in use", ino);
        }
        long offset = offsetOf(ino);
        if (memory.getInt(offset + InodeLayout.MAGIC) != InodeLayout.MAGIC_VALUE) {
            throw new CorruptPoolException("inode " + ino, offset, "an inode", "something else");
        }
        long found = memory.getLong(offset + InodeLayout.INO);
        if (found != ino) {
            throw new CorruptPoolException("inode " + ino, offset, "its own number", found);
        }
        verifier.verifyChecksum("inode", offset, InodeLayout.CHECKED_BYTES, InodeLayout.CHECKSUM);
        long size = memory.getLong(offset + InodeLayout.SIZE);
        long most = mostBytes(memory.getInt(offset + InodeLayout.MODE));
        if (size < 0 || size > most) {
            throw new CorruptPoolException("inode " + ino, offset, "a size up to " + most, size);
        }
        long blocks = memory.getLong(offset + InodeLayout.BLOCKS);
        if (blocks < 0 || blocks > geometry.blockCount()) {
            throw new CorruptPoolException("inode " + ino, offset, "blocks of the pool", blocks);
        }
    }

    /** The largest size of a type; -1 for what is none. */
    private static long mostBytes(int mode) {
        return switch (mode & S_IFMT) {
            case S_IFREG -> Units.MAX_FILE_BYTES;
            case S_IFDIR -> Long.MAX_VALUE;
            case S_IFLNK -> Units.BLOCK_BYTES - 1;
            case S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK -> 0;
            default -> -1;
        };
    }

    private boolean isInUse(long ino) {
        long chunk = chunkOf(ino);
        int slot = (int) (ino & 15);
        return ino > 0
                && chunk < geometry.blockCount()
                && slot != 0
                && isChunk(memory, chunk)
                && (memory.getLong(Units.blockToBytes(chunk) + ChunkLayout.USED) & 1L << slot) != 0;
    }

    private boolean isChunk(WordReader reader, long blockNo) {
        long group = Geometry.groupOf(blockNo);
        if (group >= groupsInUse()) {
            return false;
        }
        int bit = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
        long word = Units.blockToBytes(geometry.chunkMapBlock(group)) + (long) (bit >>> 6) * Long.BYTES;
        return (reader.getLong(word) & 1L << bit) != 0;
    }

    private long groupsInUse() {
        return memory.getLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.GROUPS_IN_USE);
    }

    /** Takes a free inode, all zero but for its identity; holds the table's lock until {@link #unlock}. */
    public long allocate(Transaction tx) throws FsException {
        if (!lock.isHeldByCurrentThread()) {
            lock.lock();
        }
        long chunk = findCandidate(tx);
        if (chunk == 0) {
            chunk = makeChunk(tx);
        }
        long header = Units.blockToBytes(chunk);
        long used = tx.getLong(header + ChunkLayout.USED);
        int slot = Long.numberOfTrailingZeros(~used & ALL_SLOTS);
        tx.putLong(header + ChunkLayout.USED, used | 1L << slot);
        tx.seal(header, ChunkLayout.CHECKED_BYTES, ChunkLayout.CHECKSUM);
        tx.space().inode(chunk, 1);
        long ino = chunk << 4 | slot;
        long offset = offsetOf(ino);
        for (int i = 0; i < Geometry.INODE_BYTES; i += Long.BYTES) {
            tx.putLong(offset + i, 0);
        }
        tx.putInt(offset + InodeLayout.MAGIC, InodeLayout.MAGIC_VALUE);
        tx.putLong(offset + InodeLayout.INO, ino);
        tx.putInt(offset + InodeLayout.GENERATION, (int) tx.sequence());
        tx.seal(offset, InodeLayout.CHECKED_BYTES, InodeLayout.CHECKSUM);
        return ino;
    }

    private long findCandidate(Transaction tx) {
        while (true) {
            while (candidateCount > 0) {
                long chunk = candidates[candidateCount - 1];
                if (isChunk(tx, chunk) && isSound(chunk)) {
                    long used = tx.getLong(Units.blockToBytes(chunk) + ChunkLayout.USED);
                    if ((used & ALL_SLOTS) != ALL_SLOTS) {
                        return chunk;
                    }
                }
                candidateCount--;
            }
            if (nextGroupToScan >= groupsInUse()) {
                return 0;
            }
            scan(nextGroupToScan++);
        }
    }

    /** One that is damaged or lost has room for nobody; who has an inode in it hears of that. */
    private boolean isSound(long chunk) {
        try {
            verifyChunk(chunk);
            return true;
        } catch (CorruptPoolException | InternalError e) {
            LOG.error("no inode is made in chunk {}: {}", chunk, e.getMessage());
            return false;
        }
    }

    private void verifyChunk(long chunk) throws CorruptPoolException {
        verifier.verify("inode chunk", chunk, ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES, -1);
    }

    /** After a mount nobody knows which chunks have room: looked up group by group, when it is needed. */
    private void scan(long group) {
        long map = Units.blockToBytes(geometry.chunkMapBlock(group));
        for (int w = 0; w < Geometry.GROUP_BLOCKS / Long.SIZE; w++) {
            long bits = memory.getLong(map + (long) w * Long.BYTES);
            while (bits != 0) {
                long chunk = Geometry.firstBlock(group) + (long) w * Long.SIZE + Long.numberOfTrailingZeros(bits);
                bits &= bits - 1;
                if (isSound(chunk)
                        && (memory.getLong(Units.blockToBytes(chunk) + ChunkLayout.USED) & ALL_SLOTS) != ALL_SLOTS) {
                    addCandidate(chunk);
                }
            }
        }
    }

    private void addCandidate(long chunk) {
        if (candidateCount == candidates.length) {
            candidates = Arrays.copyOf(candidates, candidateCount * 2);
        }
        candidates[candidateCount++] = chunk;
    }

    private long makeChunk(Transaction tx) throws FsException {
        long chunk = tx.takeBlock();
        byte[] image = chunkImage(chunk, uuid);
        tx.writeFresh(chunk, image);
        tx.space().chunk(chunk, true);
        verifier.markVerified(chunk);
        addCandidate(chunk);
        // The map's bit is staged with the bitmaps; within this transaction the candidate is used at once.
        return chunk;
    }

    /** An empty chunk; its checksum is still missing. */
    public static byte[] chunkImage(long chunk, byte[] uuid) {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Bytes.putInt(image, ChunkLayout.MAGIC, ChunkLayout.MAGIC_VALUE);
        Bytes.putLong(image, ChunkLayout.LOCATION, chunk);
        System.arraycopy(uuid, 0, image, ChunkLayout.UUID, uuid.length);
        return image;
    }

    /** Gives an inode up; holds the table's lock until {@link #unlock}. Its blocks were freed before. */
    public void free(Transaction tx, long ino) throws FsException {
        if (!lock.isHeldByCurrentThread()) {
            lock.lock();
        }
        long chunk = chunkOf(ino);
        long header = Units.blockToBytes(chunk);
        verifyChunk(chunk);
        long before = tx.getLong(header + ChunkLayout.USED);
        long used = before & ~(1L << (ino & 15));
        if (!isChunk(tx, chunk) || used == before) {
            throw new CorruptPoolException(
                    "inode chunk", header, "inode " + ino + " in use", "0x" + Long.toHexString(before));
        }
        tx.space().inode(chunk, -1);
        if ((used & ALL_SLOTS) == 0) {
            tx.space().chunk(chunk, false);
            // Not sealed: nobody who searches for chunks takes it for one.
            tx.putLong(header + ChunkLayout.USED, 0);
            tx.freeBlock(chunk);
            return;
        }
        tx.putLong(header + ChunkLayout.USED, used);
        tx.seal(header, ChunkLayout.CHECKED_BYTES, ChunkLayout.CHECKSUM);
        if (Long.bitCount(used & ALL_SLOTS) == Geometry.CHUNK_SLOTS - 2) {
            addCandidate(chunk);
        }
    }

    /** Ends what {@link #allocate} and {@link #free} began: after commit or abort. */
    public void unlock() {
        if (lock.isHeldByCurrentThread()) {
            lock.unlock();
        }
    }
}
