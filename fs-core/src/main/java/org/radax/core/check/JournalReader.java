package org.radax.core.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Reads the lanes and their live records. docs/FORMAT.md, "Journal lane", "Journal record". */
final class JournalReader {
    private static final int WORD_COUNT_BITS = 16;

    /** Receives a word that a record stores. */
    interface WordVisitor {
        void word(long poolOffset, long value);
    }

    /** A record to be replayed. */
    static final class LiveRecord {
        private final int lane;
        private final byte[] bytes;

        LiveRecord(int lane, byte[] bytes) {
            this.lane = lane;
            this.bytes = bytes;
        }

        int lane() {
            return lane;
        }

        long sequence() {
            return Bytes.getLong(bytes, RecordLayout.SEQUENCE);
        }

        int lengthBytes() {
            return bytes.length;
        }

        int runCount() {
            return Math.toIntExact(Bytes.getLong(bytes, RecordLayout.RUN_COUNT));
        }

        void forEachWord(WordVisitor visitor) {
            int at = RecordLayout.RUNS;
            for (int run = 0; run < runCount(); run++) {
                long head = Bytes.getLong(bytes, at);
                int words = (int) (head & ((1 << WORD_COUNT_BITS) - 1));
                long poolOffset = head >>> WORD_COUNT_BITS;
                at += Long.BYTES;
                for (int i = 0; i < words; i++) {
                    visitor.word(poolOffset + (long) i * Long.BYTES, Bytes.getLong(bytes, at));
                    at += Long.BYTES;
                }
            }
        }
    }

    private final Image image;
    private final Geometry geometry;
    private final Checksum checksum;
    private final long epoch;
    private final byte[] header = new byte[LaneLayout.RECORD];

    JournalReader(Image image, Superblock superblock, long epoch) {
        this.image = image;
        this.geometry = superblock.geometry();
        this.checksum = new Checksum(superblock.uuid());
        this.epoch = epoch;
    }

    /** The live records by ascending sequence. */
    List<LiveRecord> liveRecords() {
        List<LiveRecord> records = new ArrayList<>();
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            LiveRecord record = liveRecord(lane);
            if (record != null) {
                records.add(record);
            }
        }
        records.sort(Comparator.comparingLong(LiveRecord::sequence));
        return records;
    }

    long retired(int lane) {
        return image.read(geometry.laneOffset(lane), header, LaneLayout.RECORD)
                ? Bytes.getLong(header, LaneLayout.RETIRED)
                : 0;
    }

    private LiveRecord liveRecord(int lane) {
        long retired = retired(lane);
        long slot = geometry.laneOffset(lane) + LaneLayout.RECORD;
        int capacity = geometry.laneBytes() - LaneLayout.RECORD;
        byte[] head = new byte[RecordLayout.RUNS];
        if (!image.read(slot, head, head.length)
                || Bytes.getInt(head, RecordLayout.MAGIC) != RecordLayout.MAGIC_VALUE
                || !Arrays.equals(head, RecordLayout.UUID, RecordLayout.UUID + 16, checksum.uuidBytes(), 0, 16)
                || Bytes.getLong(head, RecordLayout.EPOCH) != epoch
                || Bytes.getLong(head, RecordLayout.SEQUENCE) <= retired) {
            return null;
        }
        long length = Bytes.getLong(head, RecordLayout.LENGTH);
        if (length < RecordLayout.RUNS || length > capacity || length % Long.BYTES != 0) {
            return null;
        }
        byte[] bytes = new byte[(int) length];
        if (!readAcrossBlocks(slot, bytes)) {
            return null;
        }
        byte[] copy = bytes.clone();
        return checksum.of(copy, copy.length, RecordLayout.CHECKSUM) == Bytes.getInt(bytes, RecordLayout.CHECKSUM)
                ? new LiveRecord(lane, bytes)
                : null;
    }

    private boolean readAcrossBlocks(long poolOffset, byte[] target) {
        byte[] block = new byte[Units.BLOCK_BYTES];
        int done = 0;
        while (done < target.length) {
            int part = Math.min(target.length - done, Units.BLOCK_BYTES - Units.offsetInBlock(poolOffset + done));
            if (!image.read(poolOffset + done, block, part)) {
                return false;
            }
            System.arraycopy(block, 0, target, done, part);
            done += part;
        }
        return true;
    }

    /** What is wrong inside a record whose checksum is right, or null. */
    String problem(LiveRecord record) {
        byte[] bytes = record.bytes;
        if (Bytes.getLong(bytes, RecordLayout.LANE) != record.lane()) {
            return "says it is of lane " + Bytes.getLong(bytes, RecordLayout.LANE);
        }
        long runs = Bytes.getLong(bytes, RecordLayout.RUN_COUNT);
        long at = RecordLayout.RUNS;
        for (long run = 0; run < runs; run++) {
            if (at + Long.BYTES > bytes.length) {
                return "run " + run + " lies beyond its length";
            }
            long head = Bytes.getLong(bytes, (int) at);
            long words = head & ((1 << WORD_COUNT_BITS) - 1);
            long poolOffset = head >>> WORD_COUNT_BITS;
            at += Long.BYTES + words * Long.BYTES;
            if (words == 0
                    || at > bytes.length
                    || poolOffset % Long.BYTES != 0
                    || poolOffset > geometry.sizeBytes() - words * Long.BYTES) {
                return "run " + run + " stores " + words + " words at " + poolOffset;
            }
        }
        return at == bytes.length ? null : "its runs end before its length";
    }
}
