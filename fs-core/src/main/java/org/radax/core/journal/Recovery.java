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
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;

/**
 * Finds the live record of each lane and stores its words again. Idempotent: a crash at any point of it leaves a
 * pool that it recovers the same way.
 */
final class Recovery {
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
        highestSequence = Math.max(highestSequence, sequence);
        return new Live(lane, sequence, record);
    }

    /** A record whose checksum is right but whose runs lead out of the pool is damage, not a torn write. */
    private void apply(Live live) throws CorruptPoolException {
        byte[] record = live.record;
        long runs = Bytes.getLong(record, RecordLayout.RUN_COUNT);
        int at = RecordLayout.RUNS;
        for (long i = 0; i < runs; i++) {
            long where = geometry.laneOffset(live.lane) + LaneLayout.RECORD + at;
            if (at + Long.BYTES > record.length) {
                throw new CorruptPoolException("journal record", where, "run " + i + " of " + runs, "its end");
            }
            long run = Bytes.getLong(record, at);
            int length = (int) (run & 0xffff) * Long.BYTES;
            long target = run >>> 16;
            at += Long.BYTES;
            if (length > record.length - at || target % Long.BYTES != 0 || target > memory.sizeBytes() - length) {
                throw new CorruptPoolException("journal record", where, "a run inside the pool", target);
            }
            memory.copyIn(target, record, at, length);
            memory.writeBack(target, length);
            at += length;
        }
    }
}
