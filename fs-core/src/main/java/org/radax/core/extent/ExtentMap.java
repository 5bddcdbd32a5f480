package org.radax.core.extent;

import org.radax.core.btree.BTree;
import org.radax.core.btree.Cursor;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.FsException;
import org.radax.core.format.Geometry;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Units;

/**
 * The extents of files. Stateless but for the pool's size: the file's lock makes it safe. Files are named by the pool
 * offset of their inline root and their inode number. Block numbers are file blocks unless named otherwise.
 */
public final class ExtentMap {
    /** File blocks end here. */
    public static final long MAX_FILE_BLOCKS = Units.blockOf(Units.MAX_FILE_BYTES);

    /** Most blocks and extents one transaction frees: its record must hold the bitmap words. */
    public static final long MAX_BLOCKS_PER_STEP = 32768;

    private static final int MAX_EXTENTS_PER_STEP = 100;
    private static final int LEAST_ROOM = 2000;
    private static final int POOL_BITS = 36;
    private static final int LENGTH_BITS = 26;
    private static final long MAX_LENGTH = (1L << LENGTH_BITS) - 1;
    private static final long UNWRITTEN = 1L << 63;

    private final BTree tree;
    private final Geometry geometry;
    private final ThreadLocal<Cursor> cursors = ThreadLocal.withInitial(Cursor::new);

    public ExtentMap(BTree tree, Geometry geometry) {
        this.tree = tree;
        this.geometry = geometry;
    }

    private static long encode(long poolBlock, long length, boolean unwritten) {
        return poolBlock | length << POOL_BITS | (unwritten ? UNWRITTEN : 0);
    }

    private static long poolOf(long value) {
        return value & ((1L << POOL_BITS) - 1);
    }

    private static long lengthOf(long value) {
        return value >>> POOL_BITS & MAX_LENGTH;
    }

    private static boolean isUnwritten(long value) {
        return value < 0;
    }

    private void checkSound(long owner, Cursor at) throws CorruptPoolException {
        long pool = poolOf(at.value());
        long length = lengthOf(at.value());
        // Between two groups lie the maps of the second.
        if (length == 0
                || pool + length > geometry.replicaBlock()
                || pool - Geometry.firstBlock(Geometry.groupOf(pool)) < geometry.fixedBlocksIn(Geometry.groupOf(pool))
                || Geometry.groupOf(pool) != Geometry.groupOf(pool + length - 1)
                || at.key() < 0
                || at.key() > MAX_FILE_BLOCKS - length) {
            throw new CorruptPoolException(
                    "extent of inode " + owner + " at file block " + at.key(),
                    Units.blockToBytes(Math.min(pool, geometry.blockCount())),
                    "blocks that files may have",
                    "[" + pool + ", +" + length + ")");
        }
    }

    /** Finds what file block {@code block} and the ones after it are; {@code out} starts at {@code block}. */
    public void find(WordReader reader, long root, long owner, long block, Extent out) throws FsException {
        Cursor at = cursors.get();
        out.fileBlock = block;
        if (tree.floor(reader, root, owner, block, at)) {
            checkSound(owner, at);
            long length = lengthOf(at.value());
            if (block < at.key() + length) {
                out.poolBlock = poolOf(at.value()) + (block - at.key());
                out.blockCount = at.key() + length - block;
                out.unwritten = isUnwritten(at.value());
                return;
            }
        }
        out.poolBlock = 0;
        out.unwritten = false;
        long next = MAX_FILE_BLOCKS;
        if (tree.ceiling(reader, root, owner, block, at)) {
            checkSound(owner, at);
            next = at.key();
        }
        out.blockCount = Math.max(1, next - block);
    }

    /** The number of extents; walks the tree. */
    public int count(WordReader reader, long root, long owner) throws FsException {
        Cursor at = new Cursor();
        int count = 0;
        long key = 0;
        while (tree.ceiling(reader, root, owner, key, at)) {
            count++;
            key = at.key() + 1;
        }
        return count;
    }

    /** Maps a hole; joins with its neighbours where they adjoin in the pool too. */
    public void insert(Transaction tx, long root, long owner, long block, long poolBlock, long count, boolean unwritten)
            throws FsException {
        Cursor at = cursors.get();
        long start = block;
        long pool = poolBlock;
        long length = count;
        if (tree.ceiling(tx, root, owner, block + count, at)
                && at.key() == block + count
                && poolOf(at.value()) == poolBlock + count
                && isUnwritten(at.value()) == unwritten
                && length + lengthOf(at.value()) <= MAX_LENGTH) {
            length += lengthOf(at.value());
            tree.remove(tx, root, owner, at.key());
        }
        if (block > 0 && tree.floor(tx, root, owner, block - 1, at)) {
            long before = lengthOf(at.value());
            if (at.key() + before == block
                    && poolOf(at.value()) + before == poolBlock
                    && isUnwritten(at.value()) == unwritten
                    && length + before <= MAX_LENGTH) {
                start = at.key();
                pool = poolOf(at.value());
                length += before;
            }
        }
        tree.put(tx, root, owner, start, encode(pool, length, unwritten));
    }

    /**
     * Unmaps {@code [start, end)} and frees its blocks, as far as one transaction may go.
     *
     * @return {@code end} if all was done, else where to go on in a further transaction
     */
    public long remove(Transaction tx, long root, long owner, long start, long end) throws FsException {
        Cursor at = cursors.get();
        long position = start;
        long freed = 0;
        for (int extents = 0; position < end; extents++) {
            if (!seek(tx, root, owner, position, at) || at.key() >= end) {
                return end;
            }
            if (extents == MAX_EXTENTS_PER_STEP || freed == MAX_BLOCKS_PER_STEP || isFull(tx, extents)) {
                return position;
            }
            long from = Math.max(position, at.key());
            long to = Math.min(end, at.key() + lengthOf(at.value()));
            to = Math.min(to, from + MAX_BLOCKS_PER_STEP - freed);
            long pool = poolOf(at.value()) + (from - at.key());
            carve(tx, root, owner, at, from, to);
            tx.space().free(pool, to - from);
            freed += to - from;
            position = to;
        }
        return position;
    }

    /** Turns the mapped blocks of {@code [start, end)} written or unwritten; as {@link #remove} for long ranges. */
    public long setUnwritten(Transaction tx, long root, long owner, long start, long end, boolean unwritten)
            throws FsException {
        Cursor at = cursors.get();
        long position = start;
        for (int extents = 0; position < end; extents++) {
            if (!seek(tx, root, owner, position, at) || at.key() >= end) {
                return end;
            }
            if (extents == MAX_EXTENTS_PER_STEP || isFull(tx, extents)) {
                return position;
            }
            long from = Math.max(position, at.key());
            long to = Math.min(end, at.key() + lengthOf(at.value()));
            if (isUnwritten(at.value()) != unwritten) {
                long pool = poolOf(at.value()) + (from - at.key());
                carve(tx, root, owner, at, from, to);
                insert(tx, root, owner, from, pool, to - from, unwritten);
            }
            position = to;
        }
        return position;
    }

    /** The first extent always goes in: a step that does nothing would never end. */
    private static boolean isFull(Transaction tx, int extents) {
        return extents > 0 && tx.room() < LEAST_ROOM;
    }

    /** The extent that holds {@code position}, or else the next one. */
    private boolean seek(Transaction tx, long root, long owner, long position, Cursor at) throws FsException {
        if (tree.floor(tx, root, owner, position, at)) {
            checkSound(owner, at);
            if (position < at.key() + lengthOf(at.value())) {
                return true;
            }
        }
        if (!tree.ceiling(tx, root, owner, position, at)) {
            return false;
        }
        checkSound(owner, at);
        return true;
    }

    /** Takes {@code [from, to)} out of the extent at the cursor, leaving what is before and behind. */
    private void carve(Transaction tx, long root, long owner, Cursor at, long from, long to) throws FsException {
        long key = at.key();
        long pool = poolOf(at.value());
        long length = lengthOf(at.value());
        boolean unwritten = isUnwritten(at.value());
        if (from > key) {
            tree.put(tx, root, owner, key, encode(pool, from - key, unwritten));
        } else {
            tree.remove(tx, root, owner, key);
        }
        if (to < key + length) {
            tree.put(tx, root, owner, to, encode(pool + (to - key), key + length - to, unwritten));
        }
    }
}
