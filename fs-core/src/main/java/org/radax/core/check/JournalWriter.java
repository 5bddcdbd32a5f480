package org.radax.core.check;

import java.util.Map;
import java.util.TreeMap;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Makes changes of the pool atomic, one record of the first lane each. docs/FORMAT.md, "Commit". */
final class JournalWriter {
    private static final int LANE = 0;
    private static final int MAX_RUN_WORDS = 0xffff;
    private static final long MOUNT_STATE = Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.MOUNT_STATE;
    private static final long CLEAN = 1;
    private static final long MOUNTED = 2;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final Checksum checksum;
    private final byte[] recordBytes;
    private final Map<Long, Long> words = new TreeMap<>();
    private long epoch;
    private long nextSequence = 1;
    private boolean pageLost;

    JournalWriter(PoolMemory memory, Superblock superblock) {
        this.memory = memory;
        this.geometry = superblock.geometry();
        this.checksum = new Checksum(superblock.uuid());
        this.recordBytes = new byte[geometry.laneBytes() - LaneLayout.RECORD];
        this.epoch = memory.getLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH);
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            nextSequence = Math.max(nextSequence, memory.getLong(geometry.laneOffset(lane) + LaneLayout.RETIRED) + 1);
        }
    }

    long sequence() {
        return nextSequence;
    }

    /** Replays live records as recovery does: their words, then their retirement, then a new epoch. */
    void replay(Iterable<JournalReader.LiveRecord> records) {
        for (JournalReader.LiveRecord record : records) {
            record.forEachWord(this::store);
        }
        memory.fence();
        for (JournalReader.LiveRecord record : records) {
            store(geometry.laneOffset(record.lane()) + LaneLayout.RETIRED, record.sequence());
            nextSequence = Math.max(nextSequence, record.sequence() + 1);
        }
        // Retired before the epoch voids them: the next sequence is told by what is retired, and must not fall back.
        memory.fence();
        epoch++;
        // The fence of the first record of the new epoch makes this durable before that record can count.
        store(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH, epoch);
    }

    private void store(long poolOffset, long word) {
        memory.putLong(poolOffset, word);
        memory.writeBack(poolOffset, Long.BYTES);
    }

    /** Adds what differs from the pool to the next record; whole words. */
    void stage(long poolOffset, byte[] content, int lengthBytes) {
        try {
            memory.requirePages(poolOffset, lengthBytes);
        } catch (InternalError e) {
            pageLost = true;
            return;
        }
        for (int i = 0; i < lengthBytes; i += Long.BYTES) {
            long word = Bytes.getLong(content, i);
            if (memory.getLong(poolOffset + i) != word) {
                words.put(poolOffset + i, word);
            }
        }
    }

    /**
     * Makes the staged words durable together, and with them blocks written back before; false, and nothing done, if
     * there are none or too many, or a page that they go to is gone: their record would be live for ever.
     */
    boolean commit() {
        if (pageLost) {
            words.clear();
            pageLost = false;
        }
        if (words.isEmpty()) {
            return false;
        }
        // A clean volume has no live record: this one says that it is a repair's.
        if (memory.getLong(MOUNT_STATE) == CLEAN) {
            words.put(MOUNT_STATE, MOUNTED);
        }
        int length = build();
        if (length < 0) {
            words.clear();
            return false;
        }
        long slot = geometry.laneOffset(LANE) + LaneLayout.RECORD;
        memory.copyIn(slot, recordBytes, 0, length);
        memory.writeBack(slot, length);
        memory.fence();
        words.forEach(this::store);
        memory.fence();
        // Not written back: as long as it is not durable, a replay stores the same words again.
        memory.putLong(geometry.laneOffset(LANE) + LaneLayout.RETIRED, nextSequence);
        nextSequence++;
        words.clear();
        return true;
    }

    /** Fills the record; returns its length, or -1 if it does not fit. */
    private int build() {
        int at = RecordLayout.RUNS;
        int runAt = 0;
        int runWords = 0;
        long runs = 0;
        long expected = -1;
        for (Map.Entry<Long, Long> word : words.entrySet()) {
            boolean newRun = word.getKey() != expected || runWords == MAX_RUN_WORDS;
            if (at + (newRun ? 2 : 1) * Long.BYTES > recordBytes.length) {
                return -1;
            }
            if (newRun) {
                runAt = at;
                runWords = 0;
                runs++;
                at += Long.BYTES;
                Bytes.putLong(recordBytes, runAt, word.getKey() << 16);
            }
            runWords++;
            Bytes.putLong(recordBytes, runAt, (Bytes.getLong(recordBytes, runAt) & ~0xffffL) | runWords);
            Bytes.putLong(recordBytes, at, word.getValue());
            at += Long.BYTES;
            expected = word.getKey() + Long.BYTES;
        }
        Bytes.putInt(recordBytes, RecordLayout.MAGIC, RecordLayout.MAGIC_VALUE);
        Bytes.putLong(recordBytes, RecordLayout.LENGTH, at);
        System.arraycopy(checksum.uuidBytes(), 0, recordBytes, RecordLayout.UUID, 16);
        Bytes.putLong(recordBytes, RecordLayout.EPOCH, epoch);
        Bytes.putLong(recordBytes, RecordLayout.SEQUENCE, nextSequence);
        Bytes.putLong(recordBytes, RecordLayout.LANE, LANE);
        Bytes.putLong(recordBytes, RecordLayout.RUN_COUNT, runs);
        int value = checksum.of(recordBytes, at, RecordLayout.CHECKSUM);
        Bytes.putInt(recordBytes, RecordLayout.CHECKSUM, value);
        return at;
    }
}
