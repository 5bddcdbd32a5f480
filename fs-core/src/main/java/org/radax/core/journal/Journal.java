package org.radax.core.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.lock.LockOrder;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * The lanes: as many transactions at once as there are, one record slot each. Thread-safe. docs/FORMAT.md §12 has
 * the crash order.
 */
public final class Journal {
    private final PoolMemory memory;
    private final Geometry geometry;
    private final Checksum checksum;
    private final UUID uuid;
    private final Transaction[] free;
    private final AtomicLong lastSequence = new AtomicLong();
    private final ThreadLocal<RecordSummer> summers;
    private int freeHead;
    private int freeCount;
    private long epoch;
    private volatile String failure;
    private volatile RecordFault recordFault;

    public Journal(PoolMemory memory, Geometry geometry, UUID uuid) {
        this.memory = memory;
        this.geometry = geometry;
        this.uuid = uuid;
        this.checksum = new Checksum(uuid);
        this.free = new Transaction[geometry.laneCount()];
        this.summers = ThreadLocal.withInitial(() -> new RecordSummer(uuid));
    }

    /** Writes the headers of empty lanes: mkfs. */
    public void format() {
        byte[] image = new byte[Units.BLOCK_BYTES];
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            long offset = geometry.laneOffset(lane);
            Arrays.fill(image, (byte) 0);
            memory.zero(offset, geometry.laneBytes());
            Bytes.putInt(image, LaneLayout.MAGIC, LaneLayout.MAGIC_VALUE);
            Bytes.putLong(image, LaneLayout.LOCATION, Units.blockOf(offset));
            System.arraycopy(checksum.uuidBytes(), 0, image, LaneLayout.UUID, 16);
            Bytes.putLong(image, LaneLayout.INDEX, lane);
            int sum = checksum.of(image, LaneLayout.CHECKED_BYTES, LaneLayout.CHECKSUM);
            Bytes.putInt(image, LaneLayout.CHECKSUM, sum);
            memory.copyIn(offset, image, 0, Units.BLOCK_BYTES);
            memory.writeBack(offset, geometry.laneBytes());
        }
    }

    /**
     * Replays what a crash left and makes the lanes ready. Reads one header and at most one record per lane.
     *
     * @return the number of records replayed
     */
    public int recover() throws CorruptPoolException {
        long stateOffset = Units.blockToBytes(Geometry.STATE_BLOCK);
        epoch = memory.getLong(stateOffset + StateLayout.EPOCH);
        Recovery recovery = new Recovery(memory, geometry, uuid, epoch);
        int replayed = recovery.replay();
        lastSequence.set(recovery.highestSequence());
        raiseEpoch();
        openLanes();
        return replayed;
    }

    /** Recovers the pool itself after a private view of it was recovered before: a remount for writing. */
    public void recoverAgain() throws CorruptPoolException {
        long stateOffset = Units.blockToBytes(Geometry.STATE_BLOCK);
        epoch = memory.getLong(stateOffset + StateLayout.EPOCH);
        Recovery recovery = new Recovery(memory, geometry, uuid, epoch);
        recovery.replay();
        lastSequence.set(Math.max(lastSequence.get(), recovery.highestSequence()));
        raiseEpoch();
    }

    /**
     * Everything is applied and retired durably: records of the old epoch are void from here. The new epoch must be
     * durable before the first record carries it: whoever mounts for writing writes its line back, and fences.
     */
    private void raiseEpoch() {
        epoch++;
        memory.putLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH, epoch);
    }

    private synchronized void openLanes() {
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            long offset = geometry.laneOffset(lane);
            free[freeCount++] = new Transaction(this, memory, new Checksum(uuid), lane, offset, geometry.laneBytes());
        }
    }

    /** Opens a transaction, waiting for a lane. EIO or EROFS after a failure of the pool. */
    public Transaction begin() throws FsException {
        if (failure != null) {
            throw new FsException(Errno.EROFS, "begin transaction", failure);
        }
        assert LockOrder.TRANSACTION.take();
        synchronized (this) {
            boolean interrupted = false;
            while (freeCount == 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            // Lanes take turns, so that every workload lives with records of several lanes.
            Transaction tx = free[freeHead];
            freeHead = (freeHead + 1) % free.length;
            freeCount--;
            tx.open();
            return tx;
        }
    }

    /** Takes a lane out of use if nothing is in flight on it, else null; its {@link Transaction#end} gives it back. */
    public synchronized Transaction takeIdle(int lane) {
        for (int i = 0; i < freeCount; i++) {
            Transaction idle = free[(freeHead + i) % free.length];
            if (idle.lane() == lane) {
                freeCount--;
                for (int k = i; k < freeCount; k++) {
                    free[(freeHead + k) % free.length] = free[(freeHead + k + 1) % free.length];
                }
                assert LockOrder.TRANSACTION.take();
                return idle;
            }
        }
        return null;
    }

    synchronized void giveBack(Transaction tx) {
        free[(freeHead + freeCount++) % free.length] = tx;
        notify();
        assert LockOrder.TRANSACTION.letGo();
    }

    /** All lanes, while none is in use: for emptying their pockets at unmount. */
    public synchronized Transaction[] idleLanes() {
        Transaction[] idle = new Transaction[freeCount];
        for (int i = 0; i < freeCount; i++) {
            idle[i] = free[(freeHead + i) % free.length];
        }
        return idle;
    }

    /** Frees the lanes' buffers. No transaction is open, and none is begun any more. */
    public void close() {
        for (Transaction lane : idleLanes()) {
            lane.dispose();
        }
        fail("the volume is closed");
    }

    /** Asked before each record is written; for tests of the tests only. */
    public interface RecordFault {
        /** Whether this record is left out: its words are stored in place without it. */
        boolean suppresses();

        /** Whether a word is stored in place before the record, and not in it. */
        default boolean leavesOut(long poolOffset, long value) {
            return false;
        }
    }

    /** Leaves records out, to see that crash tests notice. Null: none. */
    public void suppressRecords(RecordFault fault) {
        recordFault = fault;
    }

    boolean isRecordSuppressed() {
        return recordFault != null && recordFault.suppresses();
    }

    boolean isFaulty() {
        return recordFault != null;
    }

    boolean isLeftOut(long poolOffset, long value) {
        return recordFault.leavesOut(poolOffset, value);
    }

    long nextSequence() {
        return lastSequence.incrementAndGet();
    }

    long peekSequence() {
        return lastSequence.get() + 1;
    }

    public long lastSequence() {
        return lastSequence.get();
    }

    public long epoch() {
        return epoch;
    }

    int recordChecksum(long address, int lengthBytes) {
        return summers.get().of(address, lengthBytes);
    }

    /** Stops all further changes: the pool could not be written where it had to be. */
    public void fail(String reason) {
        failure = reason;
    }

    /** Why changes are refused, or null. */
    public String failure() {
        return failure;
    }

    /** CRC32C over the UUID and a record in private memory, by way of a direct buffer of its own. */
    static final class RecordSummer {
        private final CRC32C crc = new CRC32C();
        private final byte[] uuid;
        private final byte[] piece = new byte[8192];

        RecordSummer(UUID uuid) {
            this.uuid = ByteBuffer.allocate(16)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array();
        }

        /** The record's checksum field must be zero. */
        int of(long address, int lengthBytes) {
            crc.reset();
            crc.update(uuid, 0, uuid.length);
            for (int done = 0; done < lengthBytes; done += piece.length) {
                int length = Math.min(piece.length, lengthBytes - done);
                RawMemory.copyOut(address + done, piece, 0, length);
                crc.update(piece, 0, length);
            }
            return (int) crc.getValue();
        }
    }
}
