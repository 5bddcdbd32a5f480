package org.radax.core.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Finds the live record of each lane and stores its words again. Idempotent: a crash at any point of it leaves a
 * pool that it recovers the same way.
 */
final class Recovery {
    private static final long MOUNT_STATE = Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.MOUNT_STATE;
    private static final long CLEAN = 1;
    /** There is no time to reach it, and room above it. */
    private static final long MAX_SEQUENCE = 1L << 62;

    /** Set by a test, whose oracle has to notice. Static, since recovery comes before there is a volume to tell. */
    static volatile boolean trustsTornRecords;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final Checksum checksum;
    private final long epoch;
    private long highestSequence;

    private static final class Live {
        final int lane;
        final long sequence;
        final byte[] record;

        Live(int lane, long sequence, byte[] record) {
            this.lane = lane;
            this.sequence = sequence;
            this.record = record;
        }
    }

    Recovery(PoolMemory memory, Geometry geometry, UUID uuid, long epoch) {
        this.memory = memory;
        this.geometry = geometry;
        this.checksum = new Checksum(uuid);
        this.epoch = epoch;
    }

    long highestSequence() {
        return highestSequence;
    }

    int replay() throws CorruptPoolException {
        List<Live> live = new ArrayList<>();
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            Live found = read(lane);
            if (found != null) {
                live.add(found);
            }
        }
        if (live.isEmpty()) {
            return 0;
        }
        live.sort(Comparator.comparingLong(one -> one.sequence));
        for (Live one : live) {
            requireSound(one);
        }
        for (Live one : live) {
            apply(one);
        }
        // Applied durably before the first of them is retired.
        memory.fence();
        for (Live one : live) {
            long retired = geometry.laneOffset(one.lane) + LaneLayout.RETIRED;
            memory.putLong(retired, one.sequence);
            memory.writeBack(retired, Long.BYTES);
        }
        memory.fence();
        return live.size();
    }

    private Live read(int lane) throws CorruptPoolException {
        long offset = geometry.laneOffset(lane);
        byte[] header = new byte[LaneLayout.RECORD];
        memory.copyOut(offset, header, 0, header.length);
        int stored = Bytes.getInt(header, LaneLayout.CHECKSUM);
        long retired = Bytes.getLong(header, LaneLayout.RETIRED);
        if (Bytes.getInt(header, LaneLayout.MAGIC) != LaneLayout.MAGIC_VALUE
                || Bytes.getLong(header, LaneLayout.INDEX) != lane
                || retired < 0
                || retired > MAX_SEQUENCE
                || stored != checksum.of(header, LaneLayout.CHECKED_BYTES, LaneLayout.CHECKSUM)) {
            throw new CorruptPoolException("journal lane " + lane, offset, "a sound lane header", "something else");
        }
        highestSequence = Math.max(highestSequence, retired);
        byte[] head = new byte[RecordLayout.RUNS];
        memory.copyOut(offset + LaneLayout.RECORD, head, 0, head.length);
        long length = Bytes.getLong(head, RecordLayout.LENGTH);
        if (Bytes.getInt(head, RecordLayout.MAGIC) != RecordLayout.MAGIC_VALUE
                || Bytes.getLong(head, RecordLayout.EPOCH) != epoch
                || Bytes.getLong(head, RecordLayout.SEQUENCE) <= retired
                || Bytes.getLong(head, RecordLayout.LANE) != lane
                || length < RecordLayout.RUNS
                || length > geometry.laneBytes() - LaneLayout.RECORD
                || length % Long.BYTES != 0) {
            return null;
        }
        byte[] record = new byte[(int) length];
        memory.copyOut(offset + LaneLayout.RECORD, record, 0, record.length);
        int sum = Bytes.getInt(record, RecordLayout.CHECKSUM);
        if (sum != checksum.of(record, record.length, RecordLayout.CHECKSUM) && !trustsTornRecords) {
            return null;
        }
        long sequence = Bytes.getLong(record, RecordLayout.SEQUENCE);
        if (sequence > MAX_SEQUENCE) {
            throw new CorruptPoolException(
                    "journal record", offset + LaneLayout.RECORD, "a sequence that can be", sequence);
        }
        highestSequence = Math.max(highestSequence, sequence);
        return new Live(lane, sequence, record);
    }

    /**
     * A record whose checksum is right but whose runs lead out of the pool, or into what no transaction changes, is
     * damage, not a torn write. Known before any of it is stored.
     */
    private void requireSound(Live live) throws CorruptPoolException {
        byte[] record = live.record;
        long runs = Bytes.getLong(record, RecordLayout.RUN_COUNT);
        int at = RecordLayout.RUNS;
        boolean repairs = false;
        for (long i = 0; i < runs; i++) {
            long where = geometry.laneOffset(live.lane) + LaneLayout.RECORD + at;
            if (at + Long.BYTES > record.length) {
                throw new CorruptPoolException("journal record", where, "run " + i + " of " + runs, "its end");
            }
            long run = Bytes.getLong(record, at);
            int length = (int) (run & 0xffff) * Long.BYTES;
            long target = run >>> 16;
            at += Long.BYTES;
            if (length == 0
                    || length > record.length - at
                    || target % Long.BYTES != 0
                    || !isJournalled(target, target + length)) {
                throw new CorruptPoolException("journal record", where, "a run of words of metadata", target);
            }
            repairs |= target <= MOUNT_STATE && MOUNT_STATE < target + length;
            at += length;
        }
        if (!repairs && memory.getLong(MOUNT_STATE) == CLEAN) {
            // Retired by whoever marked the volume clean: replayed, it would undo what came later.
            long where = geometry.laneOffset(live.lane) + LaneLayout.RETIRED;
            throw new CorruptPoolException(
                    "journal lane " + live.lane, where, live.sequence + " retired", "a clean volume");
        }
        if (at != record.length) {
            throw new CorruptPoolException(
                    "journal record", geometry.laneOffset(live.lane), runs + " runs of " + record.length, at);
        }
    }

    /** Words of the volume state's block, or anything from the group table on. */
    private boolean isJournalled(long start, long end) {
        return (start >= Units.blockToBytes(Geometry.STATE_BLOCK) && end <= Units.blockToBytes(Geometry.FIRST_LANE))
                || (start >= Units.blockToBytes(geometry.groupTable())
                        && end <= Units.blockToBytes(geometry.replicaBlock()));
    }

    private void apply(Live live) {
        byte[] record = live.record;
        int at = RecordLayout.RUNS;
        while (at < record.length) {
            long run = Bytes.getLong(record, at);
            int length = (int) (run & 0xffff) * Long.BYTES;
            at += Long.BYTES;
            memory.copyIn(run >>> 16, record, at, length);
            memory.writeBack(run >>> 16, length);
            at += length;
        }
    }
}
