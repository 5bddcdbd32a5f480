package org.radax.core.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * What the lanes, the epoch and the mount state say about one another, and which records are to be replayed. Retirement
 * and epoch lie outside of any checksum, but a whole record bears witness: it was retired or is live, its lane has
 * retired nothing later, its epoch has come, and a clean volume has no live record but a repair's (docs/FORMAT.md §12).
 */
final class JournalCheck {
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);
    private static final int CLEAN = 1;
    private static final long MAX_SEQUENCE = 1L << 62;

    private final Geometry geometry;
    private final PoolMemory memory;
    private final boolean repair;
    private final List<Finding> findings = new ArrayList<>();
    private final List<JournalReader.LiveRecord> live = new ArrayList<>();
    private final Map<Integer, Long> retirements = new TreeMap<>();
    private final List<Integer> voided = new ArrayList<>();
    private long newEpoch;

    /** Judges; mends nothing yet. */
    JournalCheck(Image image, Superblock superblock, boolean repair) {
        this.geometry = superblock.geometry();
        this.memory = image.memory();
        this.repair = repair;
        byte[] state = new byte[Units.BLOCK_BYTES];
        if (!image.readBlock(Geometry.STATE_BLOCK, state)) {
            return;
        }
        long epoch = Bytes.getLong(state, StateLayout.EPOCH);
        boolean clean = Bytes.getLong(state, StateLayout.MOUNT_STATE) == CLEAN;
        JournalReader reader = new JournalReader(image, superblock);
        long known = epochOfRetired(reader, epoch);
        if (known != epoch) {
            newEpoch = known;
            report(
                    "volume state",
                    STATE + StateLayout.EPOCH,
                    "epoch " + epoch + ", but a retired record is of " + known);
        }
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            judge(reader, lane, known, clean);
        }
        live.sort(Comparator.comparingLong(JournalReader.LiveRecord::sequence));
    }

    private long epochOfRetired(JournalReader reader, long epoch) {
        long highest = epoch;
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            JournalReader.LiveRecord record = reader.wholeRecord(lane);
            if (record != null && record.sequence() == reader.retired(lane) && reader.problem(record) == null) {
                highest = Math.max(highest, record.epoch());
            }
        }
        return highest;
    }

    private void judge(JournalReader reader, int lane, long epoch, boolean clean) {
        JournalReader.LiveRecord record = reader.wholeRecord(lane);
        long retired = reader.retired(lane);
        long sequence = record == null ? 0 : record.sequence();
        long offset = geometry.laneOffset(lane);
        if (isImpossible(sequence)) {
            report("journal record", offset + LaneLayout.RECORD, "lane " + lane + ": impossible sequence " + sequence);
            voided.add(lane);
            if (isImpossible(retired)) {
                retirements.put(lane, 0L);
            }
            return;
        }
        if (isImpossible(retired) || (record != null && sequence < retired)) {
            report(
                    "journal lane",
                    offset + LaneLayout.RETIRED,
                    "lane " + lane + ": " + retired + " is retired, its last record is " + sequence);
            retirements.put(lane, sequence);
            return;
        }
        if (record == null || sequence == retired) {
            return;
        }
        String problem = reader.problem(record);
        if (record.epoch() != epoch) {
            problem =
                    "record " + sequence + " of epoch " + record.epoch() + " was never retired, and that epoch is over";
        } else if (problem == null && clean && !record.stores(STATE + StateLayout.MOUNT_STATE)) {
            problem = "record " + sequence + " is not retired, but the volume is clean";
        }
        if (problem != null) {
            report("journal record", offset + LaneLayout.RECORD, "lane " + lane + ": " + problem);
            voided.add(lane);
        } else {
            live.add(record);
        }
    }

    /** There is no time to reach it, and there must be room above. */
    private static boolean isImpossible(long sequence) {
        return sequence < 0 || sequence > MAX_SEQUENCE;
    }

    private void report(String structure, long poolOffset, String message) {
        findings.add(new Finding(structure, poolOffset, message, repair));
    }

    List<Finding> findings() {
        return findings;
    }

    /** The records to be replayed, by ascending sequence. */
    List<JournalReader.LiveRecord> live() {
        return live;
    }

    /** Puts retirement and epoch right, and takes the magic from records that are void, durably, before any record is replayed or written. */
    void mend() {
        retirements.forEach((lane, sequence) -> store(geometry.laneOffset(lane) + LaneLayout.RETIRED, sequence));
        voided.forEach(lane -> store(geometry.laneOffset(lane) + LaneLayout.RECORD, 0));
        if (newEpoch != 0) {
            store(STATE + StateLayout.EPOCH, newEpoch);
        }
    }

    private void store(long poolOffset, long word) {
        memory.putLong(poolOffset, word);
        memory.writeBack(poolOffset, Long.BYTES);
        memory.fence();
    }
}
