package org.radax.core.check;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;
import org.radax.core.format.TreeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Walks a tree from its inline root. Levels fall at every step and no node is walked twice, so a walk ends whatever
 * the pool holds. docs/FORMAT.md, "Tree node".
 */
final class TreeWalk {
    private static final int MAX_LEVEL = 8;

    /** What the walk meets. */
    interface Visitor {
        /**
         * A record of level 0.
         *
         * @param endKey keys of this record's place lie below it (unsigned); 0: no bound
         */
        void record(long key, long value, long endKey);

        /**
         * Something is not as it should be.
         *
         * @param readable whether the records below are known all the same
         */
        void problem(long poolOffset, String message, boolean readable);
    }

    private final ScanContext context;
    private final long owner;
    private final LongPredicate newNode;
    private final Visitor visitor;
    private final Set<Long> walked = new HashSet<>();
    private long lastKey;
    private boolean any;

    /**
     * A walk, for one use.
     *
     * @param newNode claims a node's block; false: it has an owner already
     */
    TreeWalk(ScanContext context, long owner, LongPredicate newNode, Visitor visitor) {
        this.context = context;
        this.owner = owner;
        this.newNode = newNode;
        this.visitor = visitor;
    }

    /**
     * Walks.
     *
     * @param root holds the inline root at {@code rootAt}
     * @param poolOffset where the root lies in the pool
     */
    void walk(byte[] root, int rootAt, long poolOffset) {
        int level = Bytes.getInt(root, rootAt + TreeLayout.ROOT_LEVEL);
        int count = Bytes.getInt(root, rootAt + TreeLayout.ROOT_COUNT);
        if (level < 0
                || level > MAX_LEVEL
                || count < 0
                || count > TreeLayout.ROOT_CAPACITY
                || (level > 0 && count == 0)) {
            visitor.problem(poolOffset, "root of level " + level + " with " + count + " records", false);
            return;
        }
        records(root, rootAt + TreeLayout.ROOT_RECORDS, poolOffset + TreeLayout.ROOT_RECORDS, level, count, 0);
    }

    private void records(byte[] bytes, int recordsAt, long poolOffset, int level, int count, long endKey) {
        for (int i = 0; i < count; i++) {
            int at = recordsAt + i * TreeLayout.RECORD_BYTES;
            long key = Bytes.getLong(bytes, at);
            long value = Bytes.getLong(bytes, at + Long.BYTES);
            long end = i + 1 < count ? Bytes.getLong(bytes, at + TreeLayout.RECORD_BYTES) : endKey;
            long recordOffset = poolOffset + (long) i * TreeLayout.RECORD_BYTES;
            if (level > 0) {
                node(key, value, level - 1, end, recordOffset);
            } else {
                ordered(key, end, recordOffset);
                visitor.record(key, value, end);
            }
        }
    }

    private void ordered(long key, long endKey, long recordOffset) {
        if (any && Long.compareUnsigned(key, lastKey) <= 0) {
            visitor.problem(recordOffset, "key " + key + " after " + lastKey, true);
        } else if (endKey != 0 && Long.compareUnsigned(key, endKey) >= 0) {
            visitor.problem(recordOffset, "key " + key + " in a place that ends at " + endKey, true);
        }
        lastKey = key;
        any = true;
    }

    private void node(long key, long blockNo, int level, long endKey, long recordOffset) {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        if (!context.image().readBlock(blockNo, bytes)) {
            visitor.problem(recordOffset, "child block " + blockNo + " can not be read", false);
            return;
        }
        long poolOffset = Units.blockToBytes(blockNo);
        String problem = context.blockProblem(bytes, TreeLayout.MAGIC_VALUE, TreeLayout.CHECKED_BYTES, blockNo);
        if (problem == null) {
            problem = contentProblem(bytes, level);
        }
        if (problem != null) {
            visitor.problem(poolOffset, "tree node: " + problem, false);
            return;
        }
        if (!newNode.test(blockNo)) {
            // Whoever has the block: as long as the node is whole, its records are known.
            visitor.problem(recordOffset, "child block " + blockNo + " has an owner already", true);
        }
        if (!walked.add(blockNo)) {
            return;
        }
        if (Long.compareUnsigned(key, Bytes.getLong(bytes, TreeLayout.RECORDS)) > 0) {
            visitor.problem(recordOffset, "key " + key + " above the first one of its child", true);
        }
        records(
                bytes,
                TreeLayout.RECORDS,
                poolOffset + TreeLayout.RECORDS,
                level,
                Bytes.getInt(bytes, TreeLayout.COUNT),
                endKey);
    }

    private String contentProblem(byte[] bytes, int level) {
        int count = Bytes.getInt(bytes, TreeLayout.COUNT);
        if (Bytes.getLong(bytes, TreeLayout.OWNER) != owner) {
            return "owned by " + Bytes.getLong(bytes, TreeLayout.OWNER) + ", not " + owner;
        }
        if (Bytes.getInt(bytes, TreeLayout.LEVEL) != level) {
            return "of level " + Bytes.getInt(bytes, TreeLayout.LEVEL) + ", not " + level;
        }
        return count < 1 || count > TreeLayout.NODE_CAPACITY ? count + " records" : null;
    }
}
