package org.radax.core.journal;

import java.util.Arrays;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * One atomic change of metadata. Words are staged; reads through the transaction see them; {@link #commit} makes all
 * of them durable or none. The caller's locks are held until commit or abort has returned.
 *
 * <p>Blocks that nothing durable refers to yet are not staged: {@link #writeFresh} stores them in place.
 *
 * <p>Belongs to a lane and is reused; used by one thread at a time.
 */
public final class Transaction implements WordReader {
    /** Blocks kept at hand for tree nodes and the like, so that no step in the middle can run out of space. */
    public static final int POCKET_BLOCKS = 16;

    private final Journal journal;
    private final PoolMemory memory;
    private final Checksum checksum;
    private final int laneIndex;
    private final long laneOffset;
    private final int recordCapacity;
    private long record;
    private final WordSet words = new WordSet();
    private final SpaceChanges space = new SpaceChanges();
    private final byte[] scratch = new byte[Units.BLOCK_BYTES];
    private final long[] pocket = new long[POCKET_BLOCKS];
    private int pocketCount;
    private long[] sealOffsets = new long[16];
    private long[] sealShapes = new long[16];
    private int sealCount;
    private long[] sorted = new long[256];
    private boolean storedInPlace;
    private long sequence;

    Transaction(Journal journal, PoolMemory memory, Checksum checksum, int laneIndex, long laneOffset, int laneBytes) {
        this.journal = journal;
        this.memory = memory;
        this.checksum = checksum;
        this.laneIndex = laneIndex;
        this.laneOffset = laneOffset;
        this.recordCapacity = laneBytes - LaneLayout.RECORD;
    }

    void open() {
        sequence = 0;
    }

    /** Which lane it belongs to. */
    public int lane() {
        return laneIndex;
    }

    // Pocket and space.

    public SpaceChanges space() {
        return space;
    }

    public int pocketCount() {
        return pocketCount;
    }

    /** Puts a free block, set aside by the allocator, into the pocket. */
    public void fillPocket(long blockNo) {
        pocket[pocketCount++] = blockNo;
    }

    /** Takes the pocket's last block out again, unused, for the allocator. */
    public long emptyPocket() {
        return pocket[--pocketCount];
    }

    /** Claims one block from the pocket. */
    public long takeBlock() throws FsException {
        if (pocketCount == 0) {
            throw new FsException(Errno.ENOSPC, "metadata block", "none at hand in lane " + laneIndex);
        }
        long blockNo = pocket[--pocketCount];
        space.claim(blockNo, 1);
        return blockNo;
    }

    // Words.

    @Override
    public long getLong(long poolOffset) {
        if (words.size() > 0) {
            int at = words.find(poolOffset);
            if (at >= 0) {
                return words.value(at);
            }
        }
        return memory.getLong(poolOffset);
    }

    @Override
    public int getInt(long poolOffset) {
        long word = getLong(poolOffset & ~7L);
        return (int) (word >>> ((poolOffset & 4) << 3));
    }

    @Override
    public void copyOut(long poolOffset, byte[] target, int start, int lengthBytes) {
        memory.copyOut(poolOffset, target, start, lengthBytes);
        for (int i = 0; i < words.size(); i++) {
            long at = words.offset(i) - poolOffset;
            if (at >= 0 && at < lengthBytes) {
                Bytes.putLong(target, start + (int) at, words.value(i));
            }
        }
    }

    /** Stages an aligned word. */
    public void putLong(long poolOffset, long value) {
        words.put(poolOffset, value);
    }

    /** Stages 4 aligned bytes. */
    public void putInt(long poolOffset, int value) {
        int shift = (int) (poolOffset & 4) << 3;
        long word = getLong(poolOffset & ~7L);
        putLong(poolOffset & ~7L, (word & ~(0xffffffffL << shift)) | (value & 0xffffffffL) << shift);
    }

    /** Stages a range, both ends multiples of 8; words that do not change are left out. */
    public void putBytes(long poolOffset, byte[] source, int start, int lengthBytes) {
        for (int i = 0; i < lengthBytes; i += Long.BYTES) {
            long value = Bytes.getLong(source, start + i);
            if (getLong(poolOffset + i) != value) {
                words.put(poolOffset + i, value);
            }
        }
    }

    /** Words that may still be staged; an operation that needs more splits into steps. */
    public int room() {
        // Worst case: each word is a run of its own.
        return (recordCapacity - RecordLayout.RUNS) / (2 * Long.BYTES) - words.size();
    }

    /** Stores a block that nothing durable refers to yet, in place: durable before the record. */
    public void writeFresh(long blockNo, byte[] image) {
        long offset = Units.blockToBytes(blockNo);
        memory.copyIn(offset, image, 0, Units.BLOCK_BYTES);
        memory.writeBack(offset, Units.BLOCK_BYTES);
        storedInPlace = true;
    }

    /** Says that data was stored in place and written back: it gets its fence before the record. */
    public void dataStored() {
        storedInPlace = true;
    }

    /**
     * Has the checksum of a changed structure computed at commit.
     *
     * @param lengthBytes bytes under the checksum, from {@code poolOffset}
     * @param fieldOffset where in them the checksum lies
     */
    public void seal(long poolOffset, int lengthBytes, int fieldOffset) {
        for (int i = 0; i < sealCount; i++) {
            if (sealOffsets[i] == poolOffset) {
                return;
            }
        }
        if (sealCount == sealOffsets.length) {
            // Both or none: there may be no memory.
            long[] moreShapes = Arrays.copyOf(sealShapes, sealCount * 2);
            sealOffsets = Arrays.copyOf(sealOffsets, sealCount * 2);
            sealShapes = moreShapes;
        }
        sealOffsets[sealCount] = poolOffset;
        sealShapes[sealCount++] = (long) lengthBytes << 32 | fieldOffset;
    }

    /** The checksum of a range as this transaction sees it; {@code fieldOffset} as in {@link Checksum#of}. */
    public int checksumOf(long poolOffset, int lengthBytes, int fieldOffset) {
        copyOut(poolOffset, scratch, 0, lengthBytes);
        return checksum.of(scratch, lengthBytes, fieldOffset);
    }

    /** Takes the checksum out again of a structure that was freed in this transaction. */
    public void forget(long blockNo) {
        long start = Units.blockToBytes(blockNo);
        for (int i = 0; i < sealCount; i++) {
            if (sealOffsets[i] >= start && sealOffsets[i] < start + Units.BLOCK_BYTES) {
                sealCount--;
                sealOffsets[i] = sealOffsets[sealCount];
                sealShapes[i] = sealShapes[sealCount];
                i--;
            }
        }
    }

    /**
     * Frees one metadata block. Words staged in it may stay: the record is retired, and that fenced, before the locks
     * are let go, and so before the block's next life.
     */
    public void freeBlock(long blockNo) {
        forget(blockNo);
        space.free(blockNo, 1);
    }

    /** The commit sequence, from the commit on. Before it: the one it would get at the least. */
    public long sequence() {
        return sequence != 0 ? sequence : journal.peekSequence();
    }

    // The end.

    /**
     * Makes the change durable. Crash order (docs/FORMAT.md §12): data and fresh blocks, fence; record, fence: from
     * here the change will be there; words in place, fence; retired, fence.
     *
     * @throws FsException EIO if the pool can not be read or written: nothing was changed
     */
    public void commit() throws FsException {
        if (storedInPlace) {
            // Else a record could be complete in the pool before what it makes reachable.
            memory.fence();
        }
        if (words.size() == 0) {
            return;
        }
        for (int i = 0; i < sealCount; i++) {
            int length = (int) (sealShapes[i] >>> 32);
            int field = (int) sealShapes[i];
            putInt(sealOffsets[i] + field, checksumOf(sealOffsets[i], length, field));
        }
        if (journal.failure() != null) {
            // What failed was not applied, and its locks are free: nothing may be built on it.
            throw new FsException(Errno.EROFS, "commit", journal.failure());
        }
        sequence = journal.nextSequence();
        int length = buildRecord();
        requireSoundReads();
        long slot = laneOffset + LaneLayout.RECORD;
        try {
            if (!journal.isRecordSuppressed()) {
                memory.copyIn(slot, record, length);
                memory.writeBack(slot, length);
                memory.fence();
            }
            apply();
        } catch (VirtualMachineError | RuntimeException e) {
            // A bad page, no memory, or a bug. The record may be whole, and then it is live. Recovery is the only way
            // on.
            // First without taking memory.
            journal.fail("a commit was cut short");
            journal.fail("while committing transaction " + sequence + ": " + e);
            throw new FsException(Errno.EIO, "commit", e + "; the volume is read-only now");
        }
    }

    /**
     * Refuses a change that was decided on words of a page that is gone. Words of a single page are let through: what
     * they were decided on is the page they go to, and the write-back will tell.
     */
    private void requireSoundReads() throws FsException {
        if (Units.blockOf(sorted[0]) == Units.blockOf(sorted[words.size() - 1])) {
            return;
        }
        try {
            RawMemory.raisePendingError();
        } catch (InternalError e) {
            throw new FsException(Errno.EIO, "commit", "bad page in the pool: nothing was changed");
        }
    }

    private int buildRecord() {
        if (record == 0) {
            record = RawMemory.allocate(recordCapacity);
        }
        sorted = words.sortedOffsets(sorted);
        int count = journal.isFaulty() ? leaveOut(words.size()) : words.size();
        int at = RecordLayout.RUNS;
        int runs = 0;
        int i = 0;
        while (i < count) {
            int end = i + 1;
            while (end < count && sorted[end] == sorted[end - 1] + Long.BYTES) {
                end++;
            }
            if (at + (end - i + 1) * Long.BYTES > recordCapacity) {
                throw new IllegalStateException("transaction of " + count + " words exceeds its lane");
            }
            RawMemory.putLong(record + at, sorted[i] << 16 | (end - i));
            at += Long.BYTES;
            for (; i < end; i++) {
                RawMemory.putLong(record + at, words.value(words.find(sorted[i])));
                at += Long.BYTES;
            }
            runs++;
        }
        RawMemory.putInt(record + RecordLayout.MAGIC, RecordLayout.MAGIC_VALUE);
        RawMemory.putLong(record + RecordLayout.LENGTH, at);
        RawMemory.copyIn(checksum.uuidBytes(), 0, record + RecordLayout.UUID, 16);
        RawMemory.putLong(record + RecordLayout.EPOCH, journal.epoch());
        RawMemory.putLong(record + RecordLayout.SEQUENCE, sequence);
        RawMemory.putLong(record + RecordLayout.LANE, laneIndex);
        RawMemory.putLong(record + RecordLayout.RUN_COUNT, runs);
        RawMemory.putInt(record + RecordLayout.CHECKSUM, 0);
        RawMemory.putInt(record + RecordLayout.CHECKSUM, journal.recordChecksum(record, at));
        return at;
    }

    /** What a test wants without a record: that breaks the crash order, and crash tests have to notice. */
    private int leaveOut(int count) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            long value = words.value(words.find(sorted[i]));
            if (journal.isLeftOut(sorted[i], value)) {
                memory.putLong(sorted[i], value);
                memory.writeBack(sorted[i], Long.BYTES);
            } else {
                sorted[kept++] = sorted[i];
            }
        }
        return kept;
    }

    private void apply() {
        int at = RecordLayout.RUNS;
        long runs = RawMemory.getLong(record + RecordLayout.RUN_COUNT);
        for (long i = 0; i < runs; i++) {
            long run = RawMemory.getLong(record + at);
            at += Long.BYTES;
            int length = (int) (run & 0xffff) * Long.BYTES;
            memory.copyIn(run >>> 16, record + at, length);
            memory.writeBack(run >>> 16, length);
            at += length;
        }
        memory.fence();
        memory.putLong(laneOffset + LaneLayout.RETIRED, sequence);
        memory.writeBack(laneOffset + LaneLayout.RETIRED, Long.BYTES);
        // Before the locks go: else a later record of the same words, retired by another core, could be undone by
        // this one.
        memory.fence();
    }

    /** Frees the buffer: the lane is used no more. */
    void dispose() {
        if (record != 0) {
            RawMemory.free(record);
            record = 0;
        }
    }

    /** Ends the transaction, committed or not; what was staged and not committed is gone. Gives the lane back. */
    public void end() {
        words.clear();
        space.clear();
        sealCount = 0;
        storedInPlace = false;
        journal.giveBack(this);
    }
}
