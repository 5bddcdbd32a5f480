package org.radax.core.check;

import java.util.ArrayList;
import java.util.List;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.TreeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Writes a whole tree anew, in fresh blocks, and returns its inline root. */
final class TreeBuilder {
    /** Some room, so that the first insertion does not split. */
    private static final int NODE_FILL = TreeLayout.NODE_CAPACITY - 12;

    /** A key and a value. */
    record TreeRecord(long key, long value) {}

    private final RepairBlocks blocks;
    private final Checksum checksum;

    TreeBuilder(RepairBlocks blocks, Checksum checksum) {
        this.blocks = blocks;
        this.checksum = checksum;
    }

    /** Builds from records by ascending key. */
    byte[] build(long owner, List<TreeRecord> records) throws PoolException {
        List<TreeRecord> level = records;
        int height = 0;
        while (level.size() > TreeLayout.ROOT_CAPACITY) {
            List<TreeRecord> above = new ArrayList<>();
            for (int from = 0; from < level.size(); from += NODE_FILL) {
                List<TreeRecord> part = level.subList(from, Math.min(level.size(), from + NODE_FILL));
                above.add(new TreeRecord(part.get(0).key(), node(owner, height, part)));
            }
            level = above;
            height++;
        }
        byte[] root = new byte[TreeLayout.ROOT_BYTES];
        Bytes.putInt(root, TreeLayout.ROOT_LEVEL, height);
        Bytes.putInt(root, TreeLayout.ROOT_COUNT, level.size());
        put(root, TreeLayout.ROOT_RECORDS, level);
        return root;
    }

    private long node(long owner, int level, List<TreeRecord> records) throws PoolException {
        long blockNo = blocks.take();
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        Bytes.putInt(bytes, TreeLayout.MAGIC, TreeLayout.MAGIC_VALUE);
        Bytes.putLong(bytes, TreeLayout.LOCATION, blockNo);
        System.arraycopy(checksum.uuidBytes(), 0, bytes, TreeLayout.UUID, 16);
        Bytes.putLong(bytes, TreeLayout.OWNER, owner);
        Bytes.putInt(bytes, TreeLayout.LEVEL, level);
        Bytes.putInt(bytes, TreeLayout.COUNT, records.size());
        put(bytes, TreeLayout.RECORDS, records);
        Bytes.putInt(bytes, TreeLayout.CHECKSUM, checksum.of(bytes, TreeLayout.CHECKED_BYTES, TreeLayout.CHECKSUM));
        blocks.write(blockNo, bytes);
        return blockNo;
    }

    private static void put(byte[] bytes, int start, List<TreeRecord> records) {
        int at = start;
        for (TreeRecord record : records) {
            Bytes.putLong(bytes, at, record.key());
            Bytes.putLong(bytes, at + Long.BYTES, record.value());
            at += TreeLayout.RECORD_BYTES;
        }
    }
}
