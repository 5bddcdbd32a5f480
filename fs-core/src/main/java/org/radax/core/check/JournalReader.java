package org.radax.core.check;

import java.util.Arrays;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Reads the lanes and their records. docs/FORMAT.md, "Journal lane", "Journal record". */
final class JournalReader {
    private static final int WORD_COUNT_BITS = 16;

    /** Receives a word that a record stores. */
    interface WordVisitor {
        void word(long poolOffset, long value);
    }

    /** A record whose checksum is right. */
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

        long epoch() {
            return Bytes.getLong(bytes, RecordLayout.EPOCH);
        }

        int lengthBytes() {
            return bytes.length;
        }

        int runCount() {
            return Math.toIntExact(Bytes.getLong(bytes, RecordLayout.RUN_COUNT));
        }

        /** Whether it stores a word; only a repair's records store the volume's mount state. */
        boolean stores(long wanted) {
            boolean[] found = {false};
            forEachWord((poolOffset, value) -> found[0] |= poolOffset == wanted);
            return found[0];
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
    private final byte[] header = new byte[LaneLayout.RECORD];

    JournalReader(Image image, Superblock superblock) {
        this.image = image;
        this.geometry = superblock.geometry();
        this.checksum = new Checksum(superblock.uuid());
    }

    long retired(int lane) {
        return image.read(geometry.laneOffset(lane), header, LaneLayout.RECORD)
                ? Bytes.getLong(header, LaneLayout.RETIRED)
                : 0;
    }

    /** The record in a lane's slot, of whatever epoch, retired or not; null if none is whole. */
    LiveRecord wholeRecord(int lane) {
        long slot = geometry.laneOffset(lane) + LaneLayout.RECORD;
        int capacity = geometry.laneBytes() - LaneLayout.RECORD;
        byte[] head = new byte[RecordLayout.RUNS];
        if (!image.read(slot, head, head.length)
                || Bytes.getInt(head, RecordLayout.MAGIC) != RecordLayout.MAGIC_VALUE
                || !Arrays.equals(head, RecordLayout.UUID, RecordLayout.UUID + 16, checksum.uuidBytes(), 0, 16)) {
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
                    || !isMetadata(poolOffset, poolOffset + words * Long.BYTES)) {
                return "run " + run + " stores " + words + " words at " + poolOffset;
            }
        }
        return at == bytes.length ? null : "its runs end before its length";
    }

    /** Transactions change no superblock and no lane. */
    private boolean isMetadata(long start, long end) {
        boolean state = start >= Units.blockToBytes(Geometry.STATE_BLOCK)
                && end <= Units.blockToBytes(Geometry.STATE_BLOCK + 1);
        return state
                || (start >= Units.blockToBytes(geometry.groupTable())
                        && end <= Units.blockToBytes(geometry.replicaBlock()));
    }
}
