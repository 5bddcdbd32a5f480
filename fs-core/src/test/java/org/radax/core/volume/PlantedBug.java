package org.radax.core.volume;

import org.radax.core.format.BucketLayout;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.journal.Journal;
import org.radax.core.journal.RecoveryFault;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/** One bug of each class that others found in filesystems for persistent memory: Chipmunk's list, and Vinter's. */
enum PlantedBug {
    /** Missing write-back: of the words that a record's transaction stores in place. */
    APPLIED_WORDS_NOT_WRITTEN_BACK,
    /** Missing fence: the record counts as applied before its words are durable. */
    NO_FENCE_BEFORE_RETIREMENT,
    /** The last line of a range that ends in its middle is not written back. */
    LAST_PARTIAL_LINE_NOT_WRITTEN_BACK,
    /** Rename removes the old entry in place, before the record. */
    OLD_ENTRY_REMOVED_IN_PLACE,
    /** Rename's record misses the move of the parent. */
    PARENT_NOT_IN_RECORD,
    /** A link count that changes in place. */
    LINK_COUNT_IN_PLACE,
    /** Two copies of a truth that do not change together: a group's bitmap, and its count of free blocks. */
    FREE_COUNT_NOT_IN_RECORD,
    /**
     * Recovery reads out of bounds. It can not: a pool offset is checked at each access, so that it ends in an error. The
     * nearest is to believe a record that is torn, whose length and runs are anything.
     */
    TORN_RECORD_BELIEVED,
    /**
     * Recovery follows stale log pointers. There are none: a lane has one place for a record. The nearest is a record that
     * counts as live for ever, and is stored over what came after it.
     */
    RETIREMENT_NOT_WRITTEN_BACK,
    /**
     * Recovery uses volatile state before it is rebuilt. It has none, it reads records alone; what it does decide with is
     * the epoch. The nearest is an epoch that is used while it is volatile.
     */
    EPOCH_NOT_WRITTEN_BACK,
    /** Recovery frees twice: the orphan's record in its tree is no part of the transaction that frees it. */
    ORPHAN_NOT_IN_RECORD,
    /**
     * Several descriptors on one file log sizes in the wrong order. Locks are held until the record is retired, so no two
     * live records have the same size. The nearest is to let go before the retirement is durable.
     */
    NO_FENCE_AFTER_RETIREMENT,
    /** Data writes that are to be atomic and are not: the record may be durable before the data it shows. */
    NO_FENCE_BETWEEN_DATA_AND_RECORD;

    private static final Geometry GEOMETRY = Geometry.forNewPool(PreparedPool.BYTES, false);
    private static final long LANES = GEOMETRY.laneOffset(0);
    private static final long LANES_END = LANES + (long) GEOMETRY.laneCount() * GEOMETRY.laneBytes();
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);

    /** What goes before it, for recovery that is wrong; afterwards {@link #uproot}. */
    void plant() {
        RecoveryFault.trustTornRecords(this == TORN_RECORD_BELIEVED);
    }

    static void uproot() {
        RecoveryFault.trustTornRecords(false);
    }

    /** A domain that is wrong, over one that is right. */
    PersistenceDomain over(PersistenceDomain sound) {
        return new Wrong(sound);
    }

    /** Words that are stored without a record. */
    Journal.RecordFault in(PoolMemory memory) {
        return new Journal.RecordFault() {
            @Override
            public boolean suppresses() {
                return false;
            }

            @Override
            public boolean leavesOut(long poolOffset, long value) {
                return isLeftOut(memory, poolOffset, value);
            }
        };
    }

    private boolean isLeftOut(PoolMemory memory, long poolOffset, long value) {
        long block = Units.alignDown(poolOffset, Units.BLOCK_BYTES);
        int magic = memory.getInt(block);
        boolean inInode = magic == ChunkLayout.MAGIC_VALUE && poolOffset - block >= Geometry.INODE_BYTES;
        long field = poolOffset % Geometry.INODE_BYTES;
        return switch (this) {
            case OLD_ENTRY_REMOVED_IN_PLACE ->
                magic == BucketLayout.MAGIC_VALUE && poolOffset - block >= BucketLayout.ENTRIES && value == 0;
            case PARENT_NOT_IN_RECORD -> inInode && field == InodeLayout.PARENT;
            case LINK_COUNT_IN_PLACE -> inInode && field == InodeLayout.LINK_COUNT;
            case FREE_COUNT_NOT_IN_RECORD -> poolOffset == GEOMETRY.descriptorOffset(0) + GroupLayout.FREE_BLOCKS;
            case ORPHAN_NOT_IN_RECORD ->
                poolOffset >= STATE + StateLayout.ORPHAN_ROOT && poolOffset < STATE + StateLayout.GROUPS_IN_USE;
            default -> false;
        };
    }

    /** What a thread has written back since its last fence. */
    private enum Last {
        DATA,
        RECORD,
        APPLIED,
        RETIREMENT,
        MOUNT
    }

    private final class Wrong implements PersistenceDomain {
        private final PersistenceDomain sound;
        private final ThreadLocal<Last> last = ThreadLocal.withInitial(() -> Last.DATA);

        private Wrong(PersistenceDomain sound) {
            this.sound = sound;
        }

        @Override
        public void writeBack(long poolOffset, long lengthBytes) {
            last.set(kind(poolOffset));
            long length = lengthBytes;
            if (PlantedBug.this == LAST_PARTIAL_LINE_NOT_WRITTEN_BACK) {
                length = Math.max(0, Units.alignDown(poolOffset + lengthBytes, Units.LINE_BYTES) - poolOffset);
            }
            boolean lost = switch (PlantedBug.this) {
                case APPLIED_WORDS_NOT_WRITTEN_BACK -> last.get() == Last.APPLIED;
                case RETIREMENT_NOT_WRITTEN_BACK -> last.get() == Last.RETIREMENT;
                case EPOCH_NOT_WRITTEN_BACK -> last.get() == Last.MOUNT;
                default -> length == 0;
            };
            if (!lost) {
                sound.writeBack(poolOffset, length);
            }
        }

        private Last kind(long poolOffset) {
            if (poolOffset >= LANES && poolOffset < LANES_END) {
                return (poolOffset - LANES) % GEOMETRY.laneBytes() == LaneLayout.RETIRED
                        ? Last.RETIREMENT
                        : Last.RECORD;
            }
            if (poolOffset == STATE + StateLayout.EPOCH) {
                return Last.MOUNT;
            }
            return last.get() == Last.RECORD || last.get() == Last.APPLIED ? Last.APPLIED : Last.DATA;
        }

        @Override
        public void fence() {
            boolean lost = switch (PlantedBug.this) {
                case NO_FENCE_BEFORE_RETIREMENT -> last.get() == Last.APPLIED;
                case NO_FENCE_AFTER_RETIREMENT -> last.get() == Last.RETIREMENT;
                case NO_FENCE_BETWEEN_DATA_AND_RECORD -> last.get() == Last.DATA;
                default -> false;
            };
            if (!lost) {
                sound.fence();
            }
        }

        @Override
        public String name() {
            return sound.name();
        }
    }
}
