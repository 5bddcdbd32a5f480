package org.radax.core.attack;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.format.XattrLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** All structures of a sound pool, found by their magics, by ascending pool offset; and how their checksums are mended. */
final class Structures {
    static final String BITMAP = "BlockBitmap";
    static final String CHUNK_MAP = "ChunkMap";
    private static final int CHECKSUM = 4;

    private final PoolMemory memory;
    private final Checksum checksum;
    final Geometry geometry;
    private final List<Structure> all = new ArrayList<>();

    Structures(PoolMemory memory) {
        this.memory = memory;
        byte[] uuid = new byte[16];
        memory.copyOut(SuperblockLayout.UUID, uuid, 0, uuid.length);
        ByteBuffer buffer = ByteBuffer.wrap(uuid);
        this.checksum = new Checksum(new UUID(buffer.getLong(), buffer.getLong()));
        this.geometry = Geometry.forNewPool(memory.sizeBytes(), false);
        find();
    }

    List<Structure> all() {
        return all;
    }

    List<Structure> of(String layout) {
        return all.stream().filter(one -> one.layout().equals(layout)).toList();
    }

    private void find() {
        add("SuperblockLayout", 0, SuperblockLayout.CHECKED_BYTES);
        add("StateLayout", Units.blockToBytes(Geometry.STATE_BLOCK), StateLayout.CHECKED_BYTES);
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            long offset = geometry.laneOffset(lane);
            add("LaneLayout", offset, LaneLayout.CHECKED_BYTES);
            if (memory.getInt(offset + LaneLayout.RECORD) == RecordLayout.MAGIC_VALUE) {
                int length = (int) memory.getLong(offset + LaneLayout.RECORD + RecordLayout.LENGTH);
                add("RecordLayout", offset + LaneLayout.RECORD, length);
            }
        }
        for (long group = 0; group < geometry.groupCount(); group++) {
            add("GroupLayout", geometry.descriptorOffset(group), GroupLayout.CHECKED_BYTES);
            add(BITMAP, Units.blockToBytes(geometry.bitmapBlock(group)), Units.BLOCK_BYTES);
            add(CHUNK_MAP, Units.blockToBytes(geometry.chunkMapBlock(group)), Units.BLOCK_BYTES);
        }
        for (long block = geometry.fixedBlocks(); block < geometry.replicaBlock(); block++) {
            block(block);
        }
        add("SuperblockLayout", Units.blockToBytes(geometry.replicaBlock()), SuperblockLayout.CHECKED_BYTES);
    }

    private void block(long blockNo) {
        long offset = Units.blockToBytes(blockNo);
        if (!isInUse(blockNo) || memory.getLong(offset + ChunkLayout.LOCATION) != blockNo) {
            return;
        }
        switch (memory.getInt(offset)) {
            case ChunkLayout.MAGIC_VALUE -> {
                add("ChunkLayout", offset, ChunkLayout.CHECKED_BYTES);
                long used = memory.getLong(offset + ChunkLayout.USED);
                for (int slot = 1; slot < Geometry.CHUNK_SLOTS; slot++) {
                    if ((used >>> slot & 1) != 0) {
                        add("InodeLayout", offset + (long) slot * Geometry.INODE_BYTES, InodeLayout.CHECKED_BYTES);
                    }
                }
            }
            case TreeLayout.MAGIC_VALUE -> add("TreeLayout", offset, TreeLayout.CHECKED_BYTES);
            case BucketLayout.MAGIC_VALUE -> add("BucketLayout", offset, BucketLayout.CHECKED_BYTES);
            case XattrLayout.MAGIC_VALUE -> add("XattrLayout", offset, XattrLayout.CHECKED_BYTES);
            default -> {}
        }
    }

    private boolean isInUse(long blockNo) {
        long word = Units.blockToBytes(geometry.bitmapBlock(0)) + (blockNo >>> 6) * Long.BYTES;
        return (memory.getLong(word) >>> blockNo & 1) != 0;
    }

    private void add(String layout, long poolOffset, int checkedBytes) {
        all.add(new Structure(layout, poolOffset, checkedBytes));
    }

    /** Makes the structure's checksum right for what it holds now; that of a map lies in its group's descriptor. */
    void mend(Structure structure) {
        switch (structure.layout()) {
            case BITMAP -> mendMap(structure, GroupLayout.BITMAP_CHECKSUM);
            case CHUNK_MAP -> mendMap(structure, GroupLayout.CHUNKS_CHECKSUM);
            case "RecordLayout" -> {
                long length = memory.getLong(structure.poolOffset() + RecordLayout.LENGTH);
                boolean fits = length >= RecordLayout.RUNS && length <= geometry.laneBytes() - LaneLayout.RECORD;
                seal(structure.poolOffset(), fits ? (int) length : structure.checkedBytes());
            }
            default -> seal(structure.poolOffset(), structure.checkedBytes());
        }
    }

    private void seal(long poolOffset, int lengthBytes) {
        putInt(poolOffset + CHECKSUM, sum(poolOffset, lengthBytes, CHECKSUM));
    }

    private void mendMap(Structure map, int field) {
        long descriptor = geometry.descriptorOffset(Geometry.groupOf(Units.blockOf(map.poolOffset())));
        putInt(descriptor + field, sum(map.poolOffset(), Units.BLOCK_BYTES, -1));
        seal(descriptor, GroupLayout.CHECKED_BYTES);
    }

    private int sum(long poolOffset, int lengthBytes, int fieldOffset) {
        byte[] bytes = new byte[lengthBytes];
        memory.copyOut(poolOffset, bytes, 0, lengthBytes);
        return checksum.of(bytes, lengthBytes, fieldOffset);
    }

    private void putInt(long poolOffset, int value) {
        byte[] bytes = new byte[Long.BYTES];
        Bytes.putInt(bytes, 0, value);
        memory.copyIn(poolOffset, bytes, 0, Integer.BYTES);
    }
}
