package org.radax.core.scrub;

import org.radax.core.error.FsException;
import org.radax.core.format.TreeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Visits the nodes and records of one tree in the order of their keys, a step at a time, so that its owner's lock can be
 * let go in between: what changes meanwhile before the place it has come to is not visited again. What hangs below a
 * damaged node is left out.
 */
public final class TreeScrub {
    /** Behind all keys. */
    private static final long END = -1;

    private static final int MAX_LEVEL = 8;
    private static final int STEP_BLOCKS = 128;

    /** Told of the records, by ascending key. */
    @FunctionalInterface
    public interface Records {
        Records NONE = (at, key, value) -> 0;

        /**
         * A record.
         *
         * @param at for what else there is to know of it
         * @return 0, or the key to go on at in the next step: one within what the record stands for
         */
        long visit(TreeScrub at, long key, long value) throws FsException;
    }

    private final Inspector inspector;
    private final long owner;
    private final Records records;
    private final byte[][] images = new byte[MAX_LEVEL][];
    /** The node last visited on each level. */
    private final long[] path = new long[MAX_LEVEL];

    /** The key up to which all is done. */
    private long position;
    /** In what a record stands for that is not done: where to go on. */
    private long within;

    private int budget;
    private long recordFrom;
    private long recordWhere;

    public TreeScrub(Inspector inspector, long owner, Records records) {
        this.inspector = inspector;
        this.owner = owner;
        this.records = records;
    }

    /** Of the record that is visited: its key, or the one to go on at. */
    long from() {
        return recordFrom;
    }

    /** Where in the pool the node begins that has the record that is visited. */
    long where() {
        return recordWhere;
    }

    /** How many blocks this step should still look at: at least 1. */
    int blocksLeft() {
        return Math.max(1, budget);
    }

    /** That many more were looked at. */
    void looked(long blockCount) {
        budget -= (int) Math.min(blockCount, STEP_BLOCKS);
    }

    /**
     * One step. The owner's lock is held.
     *
     * @param holder what holds the inline root: verified, under this lock
     * @param rootAt where in it the root begins
     * @param holderOffset where in the pool it lies
     * @return false if there is more to visit
     */
    public boolean step(byte[] holder, int rootAt, long holderOffset) throws FsException {
        budget = STEP_BLOCKS;
        long where = holderOffset + rootAt;
        int level = Bytes.getInt(holder, rootAt + TreeLayout.ROOT_LEVEL);
        int count = Bytes.getInt(holder, rootAt + TreeLayout.ROOT_COUNT);
        if (level < 0 || level > MAX_LEVEL || count < 0 || count > TreeLayout.ROOT_CAPACITY) {
            String found = level + " levels, " + count + " records";
            return !inspector.tell(Kind.NODE, owner, where, "inline root", "a possible one", found);
        }
        return walk(holder, rootAt + TreeLayout.ROOT_RECORDS, count, level, 0, END, where);
    }

    /** Visits records whose keys lie in {@code [low, high)}, from the position on; false if the step is over before. */
    private boolean walk(byte[] image, int at, int count, int level, long low, long high, long where)
            throws FsException {
        // Disjoint ranges also see to it that nodes that refer to each other are not visited for ever.
        long least = low;
        for (int i = 0; i < count; i++) {
            long key = key(image, at, i);
            if (Long.compareUnsigned(key, least) < 0 || Long.compareUnsigned(key, high) >= 0) {
                return !inspector.tell(Kind.NODE, owner, where, "key", least + " to " + high, key);
            }
            least = key + 1;
        }
        for (int i = 0; i < count; i++) {
            long key = key(image, at, i);
            long end = i + 1 < count ? key(image, at, i + 1) : high;
            if (Long.compareUnsigned(end, position) > 0) {
                if (budget <= 0) {
                    return false;
                }
                long value = Bytes.getLong(image, at + i * TreeLayout.RECORD_BYTES + Long.BYTES);
                if (!(level == 0 ? visit(key, value, where) : descend(value, level - 1, key, end, where))) {
                    return false;
                }
                position = end;
            }
        }
        return true;
    }

    private static long key(byte[] image, int at, int index) {
        return Bytes.getLong(image, at + index * TreeLayout.RECORD_BYTES);
    }

    private boolean visit(long key, long value, long where) throws FsException {
        recordFrom = max(key, max(position, within));
        recordWhere = where;
        long next = records.visit(this, key, value);
        if (next != 0) {
            position = key;
            within = next;
        }
        return next == 0;
    }

    private static long max(long one, long other) {
        return Long.compareUnsigned(one, other) > 0 ? one : other;
    }

    private boolean descend(long blockNo, int level, long low, long high, long referrer) throws FsException {
        if (!inspector.isInside(blockNo)) {
            return !inspector.tell(Kind.NODE, owner, referrer, "child", "a block of the pool", blockNo);
        }
        if (images[level] == null) {
            images[level] = new byte[Units.BLOCK_BYTES];
        }
        byte[] image = images[level];
        long offset = Units.blockToBytes(blockNo);
        budget--;
        if (!inspector.isSound(Kind.NODE, owner, offset, blockNo, owner, image, TreeLayout.CHECKED_BYTES)) {
            return true;
        }
        int found = Bytes.getInt(image, TreeLayout.LEVEL);
        int count = Bytes.getInt(image, TreeLayout.COUNT);
        if (found != level || count < 1 || count > TreeLayout.NODE_CAPACITY) {
            String expected = "level " + level + ", 1 to " + TreeLayout.NODE_CAPACITY + " records";
            String there = "level " + found + ", " + count + " records";
            return !inspector.tell(Kind.NODE, owner, offset, "shape", expected, there);
        }
        if (path[level] != blockNo) {
            path[level] = blockNo;
            inspector.log().sound(Kind.NODE, TreeLayout.CHECKED_BYTES);
            inspector.log().passed(1);
        }
        return walk(image, TreeLayout.RECORDS, count, level, low, high, offset);
    }
}
