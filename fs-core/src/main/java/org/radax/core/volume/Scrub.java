package org.radax.core.volume;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.inode.InodeTable;
import org.radax.core.journal.Transaction;
import org.radax.core.lock.Guarded;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.scrub.DataVerifier;
import org.radax.core.scrub.InodeScrub;
import org.radax.core.scrub.Inspector;
import org.radax.core.scrub.Kind;
import org.radax.core.scrub.ScrubFinding;
import org.radax.core.scrub.ScrubLog;
import org.radax.core.scrub.ScrubProgress;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.scrub.TreeScrub;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Verifies every checksum of a volume that is in use. Each step holds the lock under which the structure it looks at
 * changes, and no other inode's beside it; between steps nothing is held. One thread's, for once.
 */
final class Scrub {
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);

    private final VolumeCore core;
    private final DataVerifier data;
    private final ScrubProgress progress;
    private final ScrubLog log = new ScrubLog();
    private final Inspector inspector;
    private final byte[] image = new byte[Units.BLOCK_BYTES];

    Scrub(VolumeCore core, DataVerifier data, ScrubProgress progress) {
        this.core = core;
        this.data = data;
        this.progress = progress;
        this.inspector = new Inspector(core.memory, core.geometry, core.verifier, core.superblock.uuid(), log);
    }

    /**
     * All of it.
     *
     * @throws FsException EINTR if the progress does not want more; EIO if the journal has failed: what it left half
     *     stored is no damage
     */
    ScrubReport run() throws FsException {
        superblock(Geometry.SUPERBLOCK);
        superblock(core.geometry.replicaBlock());
        log.passed(1);
        state();
        for (int lane = 0; lane < core.geometry.laneCount(); lane++) {
            lane(lane);
        }
        for (long group = 0; group < core.allocator.groupsInUse(); group++) {
            group(group);
        }
        Set<Long> damaged = new TreeSet<>();
        log.findings().stream().map(ScrubFinding::ino).forEach(damaged::add);
        damaged.remove(0L);
        return log.report(new InodePaths(core, this::goOn).find(damaged));
    }

    /** Looks at something; {@code kind} and so on say what is gone if a page is that nobody else has missed. */
    private void step(Kind kind, long ino, long poolOffset, Guarded look) throws FsException {
        try {
            look.run();
            RawMemory.raisePendingError();
        } catch (InternalError e) {
            inspector.gone(kind, ino, poolOffset);
        }
        goOn();
    }

    private void goOn() throws FsException {
        if (core.journal.failure() != null) {
            throw new FsException(Errno.EIO, "scrub", core.journal.failure());
        }
        long whole = core.geometry.blockCount() - core.allocator.freeBlocks();
        if (!progress.passed(Math.min(log.blocks(), whole), whole, log.found())) {
            throw new FsException(Errno.EINTR, "scrub", "ended before it was done");
        }
    }

    private boolean check(Kind kind, long poolOffset, long identity) {
        boolean isSound = inspector.isSound(kind, 0, poolOffset, identity, image);
        if (isSound) {
            log.sound(kind, kind.checkedBytes());
        }
        return isSound;
    }

    private void superblock(long blockNo) throws FsException {
        long offset = Units.blockToBytes(blockNo);
        step(Kind.SUPERBLOCK, 0, offset, () -> check(Kind.SUPERBLOCK, offset, blockNo));
    }

    /** The volume's state, and the orphan tree that hangs below it. */
    private void state() throws FsException {
        TreeScrub orphans = new TreeScrub(inspector, 0, TreeScrub.Records.NONE);
        boolean[] more = {true};
        for (boolean first = true; more[0]; first = false) {
            boolean isFirst = first;
            more[0] = false;
            step(
                    Kind.STATE,
                    0,
                    STATE,
                    () -> core.allocator.whileStateIsStill(() -> {
                        if (inspector.isSound(Kind.STATE, 0, STATE, Geometry.STATE_BLOCK, image)) {
                            if (isFirst) {
                                log.sound(Kind.STATE, StateLayout.CHECKED_BYTES);
                            }
                            more[0] = !orphans.step(image, StateLayout.ORPHAN_ROOT, STATE);
                        }
                    }));
        }
    }

    /** The header never changes; the record does while the lane is in use, and then there is nothing to look at. */
    private void lane(int lane) throws FsException {
        long offset = core.geometry.laneOffset(lane);
        step(Kind.LANE, 0, offset, () -> {
            Transaction idle = check(Kind.LANE, offset, Units.blockOf(offset)) ? core.journal.takeIdle(lane) : null;
            if (idle != null) {
                try {
                    record(lane, offset);
                } finally {
                    idle.end();
                }
            }
        });
    }

    /** A record that was written since the mount, and so is whole; of others there may be any rest. */
    private void record(int lane, long laneOffset) {
        PoolMemory memory = core.memory;
        long offset = laneOffset + LaneLayout.RECORD;
        if (memory.getInt(offset) != RecordLayout.MAGIC_VALUE
                || memory.getLong(offset + RecordLayout.EPOCH) != core.journal.epoch()
                || memory.getLong(offset + RecordLayout.SEQUENCE) != memory.getLong(laneOffset + LaneLayout.RETIRED)
                || memory.getLong(offset + RecordLayout.LANE) != lane) {
            return;
        }
        long length = memory.getLong(offset + RecordLayout.LENGTH);
        if (length < RecordLayout.RUNS || length > core.geometry.laneBytes() - LaneLayout.RECORD) {
            inspector.tell(Kind.RECORD, 0, offset, "length", "one within the lane", length);
        } else if (inspector.isSound(
                Kind.RECORD, 0, offset, length, Inspector.NO_OWNER, new byte[(int) length], (int) length)) {
            log.sound(Kind.RECORD, length);
        }
    }

    /** A group's descriptor and maps, then its inodes; none if what says where they are is damaged. */
    private void group(long group) throws FsException {
        long descriptor = core.geometry.descriptorOffset(group);
        byte[] chunks = new byte[Units.BLOCK_BYTES];
        step(Kind.GROUP, 0, descriptor, () -> core.allocator.whileStill(group, () -> maps(group, descriptor, chunks)));
        log.passed(core.geometry.fixedBlocksIn(group));
        for (int w = 0; w < Geometry.GROUP_BLOCKS / Long.SIZE; w++) {
            for (long bits = Bytes.getLong(chunks, w * Long.BYTES); bits != 0; bits &= bits - 1) {
                chunk(Geometry.firstBlock(group) + (long) w * Long.SIZE + Long.numberOfTrailingZeros(bits));
            }
        }
    }

    /** Leaves the inode-chunk map in {@code chunks}, all zero if it is damaged. */
    private void maps(long group, long descriptor, byte[] chunks) {
        if (check(Kind.GROUP, descriptor, group)) {
            int bitmapSum = Bytes.getInt(image, GroupLayout.BITMAP_CHECKSUM);
            int chunksSum = Bytes.getInt(image, GroupLayout.CHUNKS_CHECKSUM);
            inspector.isSoundMap(Kind.BITMAP, core.geometry.bitmapBlock(group), bitmapSum, image);
            if (!inspector.isSoundMap(Kind.CHUNK_MAP, core.geometry.chunkMapBlock(group), chunksSum, chunks)) {
                Arrays.fill(chunks, (byte) 0);
            }
        }
    }

    /** A chunk's header, then the inodes that it says are in use. */
    private void chunk(long chunk) throws FsException {
        if (!inspector.isInside(chunk)) {
            long map = Units.blockToBytes(core.geometry.chunkMapBlock(Geometry.groupOf(chunk)));
            inspector.tell(Kind.CHUNK_MAP, 0, map, "chunk", "a block of the pool", chunk);
            return;
        }
        long offset = Units.blockToBytes(chunk);
        long[] used = {0};
        step(
                Kind.CHUNK,
                0,
                offset,
                () -> core.inodes.whileStill(chunk, () -> {
                    if (check(Kind.CHUNK, offset, chunk)) {
                        used[0] = Bytes.getLong(image, ChunkLayout.USED);
                        log.passed(1);
                    }
                }));
        for (int slot = 1; slot < Geometry.CHUNK_SLOTS; slot++) {
            if ((used[0] & 1L << slot) != 0) {
                long at = offset + (long) slot * Geometry.INODE_BYTES;
                boolean isRoot = at == core.inodes.offsetOf(InodeTable.ROOT_INO);
                inode(isRoot ? InodeTable.ROOT_INO : chunk << 4 | slot, at);
            }
        }
    }

    private void inode(long ino, long poolOffset) throws FsException {
        InodeScrub scrub = new InodeScrub(inspector, data, ino);
        boolean[] more = {true};
        while (more[0]) {
            more[0] = false;
            step(Kind.INODE, ino, poolOffset, () -> {
                long stamp = core.locks.lockShared(ino);
                try {
                    more[0] = core.inodes.isWhole(ino) && !scrub.step(poolOffset);
                } finally {
                    core.locks.unlock(ino, stamp);
                }
            });
        }
    }
}
