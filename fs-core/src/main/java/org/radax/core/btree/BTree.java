package org.radax.core.btree;

import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.TreeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Look-up and change of trees, given the pool offset of the inline root. Stateless: the lock of the tree's owner
 * makes it safe. Changes are staged in the caller's transaction; the caller seals what holds the inline root.
 *
 * <p>Inserts split, at the end of a full node leaving it full (files and directories mostly grow there). Removals
 * free nodes when they are empty, not before, and pull the last child up into the inline root. A change touches one
 * node per level and claims at most one block per level and one more.
 */
public final class BTree {
    private static final int MAX_LEVEL = 8;

    private final StructureVerifier verifier;
    private final byte[] uuid;

    public BTree(StructureVerifier verifier, Checksum checksum) {
        this.verifier = verifier;
        this.uuid = checksum.uuidBytes().clone();
    }

    // Nodes. A node is named by the pool offset of its first record; its count and level lie apart for root and node.

    private static boolean isRoot(long node, long root) {
        return node == root + TreeLayout.ROOT_RECORDS;
    }

    private static long countOffset(long node, long root) {
        return isRoot(node, root) ? root + TreeLayout.ROOT_COUNT : node - TreeLayout.RECORDS + TreeLayout.COUNT;
    }

    private static int capacity(long node, long root) {
        return isRoot(node, root) ? TreeLayout.ROOT_CAPACITY : TreeLayout.NODE_CAPACITY;
    }

    private int count(WordReader reader, long node, long root) throws CorruptPoolException {
        int count = reader.getInt(countOffset(node, root));
        int least = isRoot(node, root) ? 0 : 1;
        if (count < least || count > capacity(node, root)) {
            throw new CorruptPoolException("tree node", node, least + " to " + capacity(node, root), count);
        }
        return count;
    }

    private static int rootLevel(WordReader reader, long root) throws CorruptPoolException {
        int level = reader.getInt(root + TreeLayout.ROOT_LEVEL);
        if (level < 0 || level > MAX_LEVEL) {
            throw new CorruptPoolException("tree root", root, "a level up to " + MAX_LEVEL, level);
        }
        return level;
    }

    private long child(WordReader reader, long node, int index, int level, long owner) throws CorruptPoolException {
        long blockNo = valueAt(reader, node, index);
        verifier.verify("tree node", blockNo, TreeLayout.MAGIC_VALUE, TreeLayout.CHECKED_BYTES, owner);
        long offset = Units.blockToBytes(blockNo);
        int found = reader.getInt(offset + TreeLayout.LEVEL);
        if (found != level - 1) {
            throw new CorruptPoolException("tree node", offset, "level " + (level - 1), found);
        }
        return offset + TreeLayout.RECORDS;
    }

    private static long keyAt(WordReader reader, long node, int index) {
        return reader.getLong(node + (long) index * TreeLayout.RECORD_BYTES);
    }

    private static long valueAt(WordReader reader, long node, int index) {
        return reader.getLong(node + (long) index * TreeLayout.RECORD_BYTES + Long.BYTES);
    }

    /** Index of the last record with a key not above {@code key}; -1 if all are above. */
    private static int floorIndex(WordReader reader, long node, int count, long key) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(keyAt(reader, node, middle), key) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    // Look-up.

    /** Finds the record with the greatest key not above {@code key}; false if there is none. */
    public boolean floor(WordReader reader, long root, long owner, long key, Cursor cursor) throws FsException {
        long node = root + TreeLayout.ROOT_RECORDS;
        long before = 0;
        int beforeIndex = 0;
        int beforeLevel = 0;
        int level = rootLevel(reader, root);
        while (true) {
            int index = floorIndex(reader, node, count(reader, node, root), key);
            if (index < 0) {
                // A child's key may be below all that is left in the child: then the record is in the one before.
                if (before == 0) {
                    return false;
                }
                node = child(reader, before, beforeIndex, beforeLevel, owner);
                level = beforeLevel - 1;
                before = 0;
                continue;
            }
            if (level == 0) {
                cursor.key = keyAt(reader, node, index);
                cursor.value = valueAt(reader, node, index);
                return true;
            }
            if (index > 0) {
                before = node;
                beforeIndex = index - 1;
                beforeLevel = level;
            }
            node = child(reader, node, index, level, owner);
            level--;
        }
    }

    /** Finds the record with the least key not below {@code key}; false if there is none. */
    public boolean ceiling(WordReader reader, long root, long owner, long key, Cursor cursor) throws FsException {
        return ceiling(reader, root, owner, root + TreeLayout.ROOT_RECORDS, rootLevel(reader, root), key, cursor);
    }

    private boolean ceiling(WordReader reader, long root, long owner, long node, int level, long key, Cursor cursor)
            throws FsException {
        int count = count(reader, node, root);
        int index = floorIndex(reader, node, count, key);
        if (level == 0) {
            if (index < 0 || keyAt(reader, node, index) != key) {
                index++;
            }
            if (index == count) {
                return false;
            }
            cursor.key = keyAt(reader, node, index);
            cursor.value = valueAt(reader, node, index);
            return true;
        }
        for (index = Math.max(index, 0); index < count; index++) {
            long below = child(reader, node, index, level, owner);
            if (ceiling(reader, root, owner, below, level - 1, key, cursor)) {
                return true;
            }
            if (Long.compareUnsigned(keyAt(reader, node, index), key) > 0) {
                // Without this a tree whose children lie could have all of them tried, on every level.
                throw new CorruptPoolException("tree node", node, "a child with keys above " + key, "none");
            }
        }
        return false;
    }

    public static boolean isEmpty(WordReader reader, long root) {
        return reader.getInt(root + TreeLayout.ROOT_COUNT) == 0;
    }

    // Insertion.

    /** Inserts a record, or replaces the value of the one with this key. */
    public void put(Transaction tx, long root, long owner, long key, long value) throws FsException {
        long node = root + TreeLayout.ROOT_RECORDS;
        int level = rootLevel(tx, root);
        if (count(tx, node, root) == TreeLayout.ROOT_CAPACITY) {
            if (level == 0 && replace(tx, node, TreeLayout.ROOT_CAPACITY, key, value)) {
                return;
            }
            pushDown(tx, root, owner, level);
            level++;
        }
        insert(tx, root, owner, node, level, key, value);
    }

    private static boolean replace(Transaction tx, long node, int count, long key, long value) {
        int index = floorIndex(tx, node, count, key);
        if (index < 0 || keyAt(tx, node, index) != key) {
            return false;
        }
        tx.putLong(node + (long) index * TreeLayout.RECORD_BYTES + Long.BYTES, value);
        return true;
    }

    /** Inserts below a node that has room for one more record; splits a full child before entering it. */
    private void insert(Transaction tx, long root, long owner, long node, int level, long key, long value)
            throws FsException {
        int count = count(tx, node, root);
        int index = floorIndex(tx, node, count, key);
        if (level == 0) {
            if (index >= 0 && keyAt(tx, node, index) == key) {
                tx.putLong(node + (long) index * TreeLayout.RECORD_BYTES + Long.BYTES, value);
            } else {
                insertAt(tx, root, node, count, index + 1, key, value);
            }
            seal(tx, node, root);
            return;
        }
        if (count == 0) {
            throw new CorruptPoolException("tree root", root, "a child on level " + level, "none");
        }
        if (index < 0) {
            // The new key is the least of all: the first record's key stands for everything below.
            index = 0;
            tx.putLong(node, key);
            seal(tx, node, root);
        }
        long below = child(tx, node, index, level, owner);
        if (count(tx, below, root) == TreeLayout.NODE_CAPACITY) {
            long right = split(tx, below, owner, level - 1, key);
            long rightKey = keyAt(tx, right, 0);
            insertAt(tx, root, node, count, index + 1, rightKey, Units.blockOf(right));
            seal(tx, node, root);
            if (Long.compareUnsigned(key, rightKey) >= 0) {
                below = right;
            }
        }
        insert(tx, root, owner, below, level - 1, key, value);
    }

    private static void insertAt(Transaction tx, long root, long node, int count, int index, long key, long value) {
        for (int i = count; i > index; i--) {
            long to = node + (long) i * TreeLayout.RECORD_BYTES;
            tx.putLong(to, tx.getLong(to - TreeLayout.RECORD_BYTES));
            tx.putLong(to + Long.BYTES, tx.getLong(to - TreeLayout.RECORD_BYTES + Long.BYTES));
        }
        long at = node + (long) index * TreeLayout.RECORD_BYTES;
        tx.putLong(at, key);
        tx.putLong(at + Long.BYTES, value);
        tx.putInt(countOffset(node, root), count + 1);
    }

    /** Moves the inline root's records into a new node, the root's only child. */
    private void pushDown(Transaction tx, long root, long owner, int level) throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        long from = root + TreeLayout.ROOT_RECORDS;
        tx.copyOut(from, image, TreeLayout.RECORDS, TreeLayout.ROOT_CAPACITY * TreeLayout.RECORD_BYTES);
        long blockNo = writeNode(tx, image, owner, level, TreeLayout.ROOT_CAPACITY);
        tx.putLong(from + Long.BYTES, blockNo);
        tx.putInt(root + TreeLayout.ROOT_LEVEL, level + 1);
        tx.putInt(root + TreeLayout.ROOT_COUNT, 1);
    }

    /** Splits a full node; returns the new right one. */
    private long split(Transaction tx, long node, long owner, int level, long key) throws FsException {
        int full = TreeLayout.NODE_CAPACITY;
        boolean growing = Long.compareUnsigned(key, keyAt(tx, node, full - 1)) > 0;
        int kept = growing ? full - 1 : full / 2;
        byte[] image = new byte[Units.BLOCK_BYTES];
        tx.copyOut(
                node + (long) kept * TreeLayout.RECORD_BYTES,
                image,
                TreeLayout.RECORDS,
                (full - kept) * TreeLayout.RECORD_BYTES);
        long blockNo = writeNode(tx, image, owner, level, full - kept);
        tx.putInt(node - TreeLayout.RECORDS + TreeLayout.COUNT, kept);
        sealBlock(tx, node);
        return Units.blockToBytes(blockNo) + TreeLayout.RECORDS;
    }

    private long writeNode(Transaction tx, byte[] image, long owner, int level, int count) throws FsException {
        long blockNo = tx.takeBlock();
        Bytes.putInt(image, TreeLayout.MAGIC, TreeLayout.MAGIC_VALUE);
        Bytes.putLong(image, TreeLayout.LOCATION, blockNo);
        System.arraycopy(uuid, 0, image, TreeLayout.UUID, uuid.length);
        Bytes.putLong(image, TreeLayout.OWNER, owner);
        Bytes.putInt(image, TreeLayout.LEVEL, level);
        Bytes.putInt(image, TreeLayout.COUNT, count);
        tx.writeFresh(blockNo, image);
        verifier.markVerified(blockNo);
        sealBlock(tx, Units.blockToBytes(blockNo) + TreeLayout.RECORDS);
        return blockNo;
    }

    private static void seal(Transaction tx, long node, long root) {
        if (!isRoot(node, root)) {
            sealBlock(tx, node);
        }
    }

    private static void sealBlock(Transaction tx, long node) {
        tx.seal(node - TreeLayout.RECORDS, TreeLayout.CHECKED_BYTES, TreeLayout.CHECKSUM);
    }

    // Removal.

    /** Removes the record with this key; false if there is none. */
    public boolean remove(Transaction tx, long root, long owner, long key) throws FsException {
        long node = root + TreeLayout.ROOT_RECORDS;
        int level = rootLevel(tx, root);
        if (!removeBelow(tx, root, owner, node, level, key)) {
            return false;
        }
        collapse(tx, root, owner);
        return true;
    }

    private boolean removeBelow(Transaction tx, long root, long owner, long node, int level, long key)
            throws FsException {
        int count = count(tx, node, root);
        int index = floorIndex(tx, node, count, key);
        if (index < 0) {
            return false;
        }
        if (level == 0) {
            if (keyAt(tx, node, index) != key) {
                return false;
            }
            removeAt(tx, root, node, count, index);
            return true;
        }
        long below = child(tx, node, index, level, owner);
        if (!removeBelow(tx, root, owner, below, level - 1, key)) {
            return false;
        }
        if (tx.getInt(countOffset(below, root)) == 0) {
            tx.freeBlock(Units.blockOf(below));
            removeAt(tx, root, node, count, index);
        }
        return true;
    }

    private static void removeAt(Transaction tx, long root, long node, int count, int index) {
        for (int i = index; i < count - 1; i++) {
            long to = node + (long) i * TreeLayout.RECORD_BYTES;
            tx.putLong(to, tx.getLong(to + TreeLayout.RECORD_BYTES));
            tx.putLong(to + Long.BYTES, tx.getLong(to + TreeLayout.RECORD_BYTES + Long.BYTES));
        }
        tx.putInt(countOffset(node, root), count - 1);
        seal(tx, node, root);
    }

    private void collapse(Transaction tx, long root, long owner) throws FsException {
        long node = root + TreeLayout.ROOT_RECORDS;
        int level = rootLevel(tx, root);
        while (level > 0) {
            int count = count(tx, node, root);
            if (count == 0) {
                level = 0;
                tx.putInt(root + TreeLayout.ROOT_LEVEL, 0);
                return;
            }
            if (count > 1) {
                return;
            }
            long below = child(tx, node, 0, level, owner);
            int children = count(tx, below, root);
            if (children > TreeLayout.ROOT_CAPACITY) {
                return;
            }
            for (int i = 0; i < children * 2; i++) {
                tx.putLong(node + (long) i * Long.BYTES, tx.getLong(below + (long) i * Long.BYTES));
            }
            level--;
            tx.putInt(root + TreeLayout.ROOT_LEVEL, level);
            tx.putInt(root + TreeLayout.ROOT_COUNT, children);
            tx.freeBlock(Units.blockOf(below));
        }
    }

    /** Levels of nodes below the inline root: what a look-up reads besides the root. */
    public int height(WordReader reader, long root) throws CorruptPoolException {
        return rootLevel(reader, root);
    }
}
