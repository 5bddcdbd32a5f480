package org.radax.core.alloc;

import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.radax.core.alloc.GroupIndex.Kind;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.journal.SpaceChanges;
import org.radax.core.journal.Transaction;
import org.radax.core.lock.Guarded;
import org.radax.core.pool.HostSpace;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Free space of the volume. Thread-safe.
 *
 * <p>{@link #allocate} and {@link #fillPocket} take blocks in volatile state only; {@link #stage} writes what a
 * transaction claimed and freed into its groups, whose commit locks it takes in ascending order; {@link #settle}
 * lets them go after the commit and makes freed blocks available; {@link #cancel} undoes an abort. Every transaction
 * ends in settle or cancel.
 *
 * <p>Small requests go where runs are broken already, large ones to whole 2 MiB runs, so that huge pages survive.
 */
public final class Allocator {
    private static final Logger LOG = LoggerFactory.getLogger(Allocator.class);

    /** From this many blocks on a request is given a run of its own. */
    private static final int LARGE_BLOCKS = 64;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final HostSpace host;
    private final Checksum checksum;
    private final long reserveBlocks;
    private final boolean discard;
    private final AtomicReferenceArray<Group> groups;
    /** Of groups that nobody has loaded yet it knows the descriptors' counts: full ones are not loaded for a search. */
    private final GroupIndex index;

    private final AtomicLong available = new AtomicLong();
    private final AtomicLong durablyFree = new AtomicLong();
    private final AtomicLong inodesUsed = new AtomicLong();
    private final AtomicLong discardable = new AtomicLong();
    private final Quarantine quarantine = new Quarantine();
    /** Guards the volume state block and the list of groups; held until the transaction's end. */
    private final ReentrantLock stateLock = new ReentrantLock();

    private final byte[] growScratch = new byte[Units.BLOCK_BYTES];
    /** Groups in use durably; only the holder of stateLock changes it and the pending ones. */
    private volatile long groupsInUse;

    private long pendingGroups;
    private volatile long preferredGroup;

    public Allocator(
            PoolMemory memory,
            Geometry geometry,
            HostSpace host,
            Checksum checksum,
            long reserveBlocks,
            boolean discard) {
        this.memory = memory;
        this.geometry = geometry;
        this.host = host;
        this.checksum = checksum;
        this.reserveBlocks = reserveBlocks;
        this.discard = discard;
        this.groups = new AtomicReferenceArray<>(Math.toIntExact(geometry.groupCount()));
        this.index = new GroupIndex(geometry.groupCount());
    }

    /** Reads the counts of the groups in use. The journal was recovered before. */
    public void open() throws FsException {
        groupsInUse = memory.getLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.GROUPS_IN_USE);
        if (groupsInUse < 1 || groupsInUse > geometry.groupCount()) {
            throw new CorruptPoolException(
                    "volume state", Geometry.STATE_BLOCK, "1 to " + geometry.groupCount() + " groups", groupsInUse);
        }
        long free = 0;
        long inodes = 0;
        for (long group = 0; group < groupsInUse; group++) {
            checkDescriptor(group);
            int freeHere = memory.getInt(geometry.descriptorOffset(group) + GroupLayout.FREE_BLOCKS);
            index.note(group, freeHere >= Units.RUN_BLOCKS, freeHere > 0);
            free += freeHere;
            inodes += memory.getInt(geometry.descriptorOffset(group) + GroupLayout.INODES_USED);
        }
        for (long group = groupsInUse; group < geometry.groupCount(); group++) {
            free += freshFree(group);
            if (geometry.groupCount() - group > 2) {
                // All groups between the first fresh one and the last are alike.
                long alike = geometry.groupCount() - group - 2;
                free += alike * freshFree(group);
                group += alike;
            }
        }
        available.set(free);
        durablyFree.set(free);
        inodesUsed.set(inodes);
    }

    /** Free blocks of a group nobody used yet: all but its two maps, and the replica superblock in the last. */
    private long freshFree(long group) {
        int last = group == geometry.groupCount() - 1 ? 1 : 0;
        return Math.max(0, geometry.blocksIn(group) - geometry.fixedBlocksIn(group) - last);
    }

    private void checkDescriptor(long group) throws CorruptPoolException {
        long offset = geometry.descriptorOffset(group);
        byte[] copy = new byte[GroupLayout.CHECKED_BYTES];
        memory.copyOut(offset, copy, 0, copy.length);
        int stored = Bytes.getInt(copy, GroupLayout.CHECKSUM);
        int free = Bytes.getInt(copy, GroupLayout.FREE_BLOCKS);
        int inodes = Bytes.getInt(copy, GroupLayout.INODES_USED);
        if (Bytes.getInt(copy, GroupLayout.MAGIC) != GroupLayout.MAGIC_VALUE
                || Bytes.getLong(copy, GroupLayout.LOCATION) != group
                || free < 0
                || free > freshFree(group)
                || inodes < 0
                || inodes > Geometry.GROUP_BLOCKS * (Geometry.CHUNK_SLOTS - 1)
                || stored != checksum.of(copy, copy.length, GroupLayout.CHECKSUM)) {
            throw new CorruptPoolException("descriptor of group " + group, offset, "a sound one", "something else");
        }
    }

    // Counts.

    /** Durably free blocks: exact. */
    public long freeBlocks() {
        return durablyFree.get();
    }

    public long inodesUsed() {
        return inodesUsed.get();
    }

    public long reserveBlocks() {
        return reserveBlocks;
    }

    public long groupsInUse() {
        return groupsInUse;
    }

    /**
     * Sets blocks aside for an operation that must not run out midway; none can always be had.
     *
     * @throws FsException ENOSPC, with nothing changed
     */
    public void reserve(long blocks) throws FsException {
        long left;
        do {
            left = available.get();
            // Not taken for a moment and given back: others would see that, and have no room either.
            if (blocks > 0 && left - blocks < reserveBlocks) {
                throw new FsException(
                        Errno.ENOSPC,
                        "reserve " + blocks + " blocks",
                        Math.max(0, left - reserveBlocks) + " available");
            }
        } while (!available.compareAndSet(left, left - blocks));
    }

    /** Gives back what is left of a reservation. */
    public void unreserve(long blocks) {
        available.addAndGet(blocks);
    }

    // Taking.

    /**
     * Sees to it that the transaction has blocks at hand for tree nodes and the like.
     *
     * @param least pocket blocks the operation may need
     * @param freeing whether it may draw on the reserve: it frees space, undoes, or was promised room. It gets what
     *     there is: mostly it needs no block at all, and must not fail for want of one
     */
    public void fillPocket(Transaction tx, int least, boolean freeing) throws FsException {
        if (tx.pocketCount() >= least) {
            return;
        }
        try {
            fill(tx, least, freeing);
        } catch (FsException e) {
            if (!freeing || e.errno() != Errno.ENOSPC) {
                throw e;
            }
        }
    }

    private void fill(Transaction tx, int least, boolean freeing) throws FsException {
        long floor = freeing ? 0 : reserveBlocks;
        BlockRange range = new BlockRange();
        while (tx.pocketCount() < Transaction.POCKET_BLOCKS) {
            int missing = Transaction.POCKET_BLOCKS - tx.pocketCount();
            long left = available.get() - floor;
            // Near the end take what there is, block by block.
            int want = left >= missing ? missing : 1;
            if (left < want || !takeForPocket(tx, want, range)) {
                if (tx.pocketCount() >= least) {
                    return;
                }
                throw new FsException(
                        Errno.ENOSPC, least + " metadata blocks", Math.max(0, left) + " blocks available");
            }
        }
    }

    private boolean takeForPocket(Transaction tx, int want, BlockRange range) throws FsException {
        long taken = 0;
        available.addAndGet(-want);
        try {
            if (!find(tx, want, 0, range)) {
                return false;
            }
            taken = range.count;
        } finally {
            available.addAndGet(want - taken);
        }
        for (long i = range.count - 1; i >= 0; i--) {
            tx.fillPocket(range.start + i);
        }
        return true;
    }

    /**
     * Takes up to {@code want} adjoining blocks out of a reservation, and claims them for the transaction.
     *
     * @param hint a block to be at or near, or 0
     * @throws FsException ENOSPC when the host has no memory for them
     */
    public void allocate(Transaction tx, long want, long hint, BlockRange out) throws FsException {
        if (!find(tx, want, hint, out)) {
            throw new FsException(Errno.ENOSPC, "allocate " + want + " blocks", "none free");
        }
        tx.space().claim(out.start, out.count);
    }

    private boolean find(Transaction tx, long want, long hint, BlockRange out) throws FsException {
        try {
            return findBest(tx, want, hint, out);
        } catch (PoolException e) {
            // The host has no memory for the run that suits best: one that it has memory for will do.
            if (findWhereBacked(want, out)) {
                return true;
            }
            throw e;
        }
    }

    private boolean findBest(Transaction tx, long want, long hint, BlockRange out) throws FsException {
        if (hint > 0 && hint < geometry.blockCount() && Geometry.groupOf(hint) < groupsInUse) {
            Group group = groupWithRoom(Geometry.groupOf(hint));
            if (group != null && takeAt(group, (int) (hint & (Geometry.GROUP_BLOCKS - 1)), want, out)) {
                return true;
            }
        }
        boolean large = want >= LARGE_BLOCKS;
        long home = hint > 0 && Geometry.groupOf(hint) < groupsInUse
                ? Geometry.groupOf(hint)
                : preferredGroup % groupsInUse;
        return (large ? findWholeRun(home, want, out) : findSmall(home, (int) want, out))
                || (large ? false : findWholeRun(home, want, out))
                || findInPending(want, out)
                || (grow(tx) && (findInPending(want, out) || findWholeRun(groupsInUse - 1, want, out)))
                || findAnything(home, want, out);
    }

    /** A large request is not begun with a scrap in front of a taken block. */
    private boolean takeAt(Group group, int at, long want, BlockRange out) throws FsException {
        synchronized (group) {
            int length = group.freeLength(at, (int) Math.min(want, Geometry.GROUP_BLOCKS));
            return length >= Math.min(want, LARGE_BLOCKS) && take(group, at, length, out);
        }
    }

    private boolean findSmall(long home, int want, BlockRange out) throws FsException {
        long count = groupsInUse;
        for (long i = index.nextStep(Kind.BROKEN_RUN, home, 0, count);
                i < count;
                i = index.nextStep(Kind.BROKEN_RUN, home, i + 1, count)) {
            Group group = groupWithRoom((home + i) % count);
            if (group == null) {
                continue;
            }
            synchronized (group) {
                if (group.freeInBrokenRuns() >= want) {
                    int at = group.findInBrokenRuns(want);
                    if (at >= 0) {
                        preferredGroup = group.number;
                        return take(group, at, want, out);
                    }
                }
            }
        }
        return false;
    }

    private boolean findWholeRun(long home, long want, BlockRange out) throws FsException {
        long count = groupsInUse;
        for (long i = index.nextStep(Kind.WHOLE_RUN, home, 0, count);
                i < count;
                i = index.nextStep(Kind.WHOLE_RUN, home, i + 1, count)) {
            Group group = groupWithRoom((home + i) % count);
            if (group == null) {
                continue;
            }
            synchronized (group) {
                int run = group.findWholeRun();
                if (run >= 0) {
                    int at = run * Units.RUN_BLOCKS;
                    preferredGroup = group.number;
                    return take(group, at, group.freeLength(at, (int) Math.min(want, Geometry.GROUP_BLOCKS)), out);
                }
            }
        }
        return false;
    }

    /** In the groups this very transaction brings into use; to others they are not there before its commit. */
    private boolean findInPending(long want, BlockRange out) throws FsException {
        if (!stateLock.isHeldByCurrentThread()) {
            return false;
        }
        int[] gap = new int[2];
        for (long number = groupsInUse; number < pendingGroups; number++) {
            Group group = group(number);
            synchronized (group) {
                if (group.free() > 0 && group.findLongest(gap)) {
                    return take(group, gap[0], (int) Math.min(want, gap[1]), out);
                }
            }
        }
        return false;
    }

    private boolean findAnything(long home, long want, BlockRange out) throws FsException {
        long count = groupsInUse;
        int[] gap = new int[2];
        for (long i = index.nextStep(Kind.ANYTHING, home, 0, count);
                i < count;
                i = index.nextStep(Kind.ANYTHING, home, i + 1, count)) {
            Group group = groupWithRoom((home + i) % count);
            if (group == null) {
                continue;
            }
            synchronized (group) {
                if (group.free() > 0 && group.findLongest(gap)) {
                    return take(group, gap[0], (int) Math.min(want, gap[1]), out);
                }
            }
        }
        return false;
    }

    private boolean findWhereBacked(long want, BlockRange out) throws FsException {
        long count = groupsInUse;
        int[] gap = new int[2];
        for (long number = index.next(Kind.ANYTHING, 0, count);
                number < count;
                number = index.next(Kind.ANYTHING, number + 1, count)) {
            Group group = groupWithRoom(number);
            if (group == null) {
                continue;
            }
            synchronized (group) {
                for (int run = 0; run < Group.RUNS; run++) {
                    if (group.findInRun(run, gap) && isBackedOrBroken(group, run)) {
                        return take(group, gap[0], (int) Math.min(want, gap[1]), out);
                    }
                }
            }
        }
        return false;
    }

    /** A run that is broken had its memory once; after a mount only the host knows. */
    private boolean isBackedOrBroken(Group group, int run) {
        if (group.isBacked(run) || group.isWholeRun(run)) {
            return group.isBacked(run);
        }
        try {
            provide(group, run);
            return true;
        } catch (PoolException e) {
            return false;
        }
    }

    private void provide(Group group, int run) throws PoolException {
        long first = Geometry.firstBlock(group.number) + (long) run * Units.RUN_BLOCKS;
        host.provide(Units.blockToBytes(first), Units.RUN_BYTES);
        group.setBacked(run);
    }

    /** Takes blocks in a group whose monitor is held; the host's memory comes first. */
    private boolean take(Group group, int at, int count, BlockRange out) throws FsException {
        for (int run = at / Units.RUN_BLOCKS; run <= (at + count - 1) / Units.RUN_BLOCKS; run++) {
            if (!group.isBacked(run)) {
                provide(group, run);
            }
        }
        group.take(at, count);
        out.start = Geometry.firstBlock(group.number) + at;
        out.count = count;
        return true;
    }

    private Group group(long number) throws FsException {
        Group group = groups.get((int) number);
        return group != null ? group : load(number);
    }

    /**
     * A group to look for room in. Null where that is not known, since its bitmap is damaged or lost: it has none from then
     * on, and only who changes what he has in it hears of the damage.
     */
    private Group groupWithRoom(long number) {
        try {
            return group(number);
        } catch (FsException | InternalError e) {
            passBy(number, e);
            return null;
        }
    }

    private synchronized void passBy(long number, Throwable reason) {
        if (index.next(Kind.ANYTHING, number, number + 1) == number) {
            LOG.error("no block is taken from group {}: {}", number, reason.getMessage());
            index.note(number, false, false);
            available.addAndGet(-memory.getInt(geometry.descriptorOffset(number) + GroupLayout.FREE_BLOCKS));
        }
    }

    private synchronized Group load(long number) throws FsException {
        Group group = groups.get((int) number);
        if (group != null) {
            return group;
        }
        long offset = Units.blockToBytes(geometry.bitmapBlock(number));
        byte[] copy = new byte[Units.BLOCK_BYTES];
        memory.copyOut(offset, copy, 0, copy.length);
        int stored = memory.getInt(geometry.descriptorOffset(number) + GroupLayout.BITMAP_CHECKSUM);
        int sum = sumOf(copy);
        if (sum != stored) {
            throw new CorruptPoolException(
                    "block bitmap of group " + number,
                    offset,
                    "checksum 0x" + Integer.toHexString(stored),
                    "0x" + Integer.toHexString(sum));
        }
        long[] taken = new long[Geometry.GROUP_BLOCKS / Long.SIZE];
        long[] fixed = freshBitmap(geometry, number);
        long freed = 0;
        int free = 0;
        for (int w = 0; w < taken.length; w++) {
            taken[w] = Bytes.getLong(copy, w * Long.BYTES);
            freed |= fixed[w] & ~taken[w];
            free += Long.bitCount(~taken[w]);
        }
        int counted = memory.getInt(geometry.descriptorOffset(number) + GroupLayout.FREE_BLOCKS);
        if (freed != 0 || free != counted) {
            throw new CorruptPoolException(
                    "block bitmap of group " + number,
                    offset,
                    counted + " free blocks, none of them of a fixed structure",
                    free);
        }
        group = new Group(number, taken, index);
        groups.set((int) number, group);
        return group;
    }

    /** Bitmaps are loaded under this monitor, groups made under the state lock: the summer is shared. */
    private synchronized int sumOf(byte[] map) {
        return checksum.of(map, map.length, -1);
    }

    // Growing into the next group.

    /**
     * Brings the next group into use, as part of the transaction; other transactions that need one wait for its end.
     */
    private boolean grow(Transaction tx) throws FsException {
        if (groupsInUse == geometry.groupCount()) {
            return false;
        }
        if (stateLock.isHeldByCurrentThread()) {
            // This transaction filled the one it has already, or changes the volume state anyway.
            return initialise(tx);
        }
        long before = groupsInUse;
        lockState();
        if (groupsInUse != before) {
            // Somebody else was faster; that group may do.
            stateLock.unlock();
            return true;
        }
        return initialise(tx);
    }

    /**
     * Takes the lock of the volume state block, until the transaction's end: for who stages words of it. Comes before
     * the inode table's lock.
     */
    public void lockState() {
        if (!stateLock.isHeldByCurrentThread()) {
            stateLock.lock();
            pendingGroups = groupsInUse;
        }
    }

    private boolean initialise(Transaction tx) throws FsException {
        long number = pendingGroups;
        if (number == geometry.groupCount() || freshFree(number) == 0) {
            return false;
        }
        host.provide(Units.blockToBytes(Geometry.firstBlock(number)), Units.RUN_BYTES);
        host.provide(Units.alignDown(geometry.descriptorOffset(number), Units.BLOCK_BYTES), Units.BLOCK_BYTES);
        long[] taken = freshBitmap(geometry, number);
        for (int w = 0; w < taken.length; w++) {
            Bytes.putLong(growScratch, w * Long.BYTES, taken[w]);
        }
        int bitmapSum = sumOf(growScratch);
        tx.writeFresh(geometry.bitmapBlock(number), growScratch);
        Arrays.fill(growScratch, (byte) 0);
        int chunksSum = sumOf(growScratch);
        tx.writeFresh(geometry.chunkMapBlock(number), growScratch);
        long descriptor = geometry.descriptorOffset(number);
        tx.putInt(descriptor + GroupLayout.MAGIC, GroupLayout.MAGIC_VALUE);
        tx.putLong(descriptor + GroupLayout.LOCATION, number);
        tx.putInt(descriptor + GroupLayout.FREE_BLOCKS, (int) freshFree(number));
        tx.putInt(descriptor + GroupLayout.INODES_USED, 0);
        tx.putInt(descriptor + GroupLayout.BITMAP_CHECKSUM, bitmapSum);
        tx.putInt(descriptor + GroupLayout.CHUNKS_CHECKSUM, chunksSum);
        for (int i = GroupLayout.CHUNKS_CHECKSUM + Integer.BYTES; i < GroupLayout.CHECKED_BYTES; i += Long.BYTES) {
            tx.putLong(descriptor + i, 0);
        }
        tx.seal(descriptor, GroupLayout.CHECKED_BYTES, GroupLayout.CHECKSUM);
        long state = Units.blockToBytes(Geometry.STATE_BLOCK);
        tx.putLong(state + StateLayout.GROUPS_IN_USE, number + 1);
        tx.seal(state, StateLayout.CHECKED_BYTES, StateLayout.CHECKSUM);
        groups.set((int) number, new Group(number, taken, index));
        pendingGroups = number + 1;
        return true;
    }

    /** The bitmap of a group nobody used yet. */
    public static long[] freshBitmap(Geometry geometry, long group) {
        int end = geometry.blocksIn(group) - (group == geometry.groupCount() - 1 ? 1 : 0);
        BitSet taken = new BitSet(Geometry.GROUP_BLOCKS);
        taken.set(0, geometry.fixedBlocksIn(group));
        taken.set(end, Geometry.GROUP_BLOCKS);
        return Arrays.copyOf(taken.toLongArray(), Geometry.GROUP_BLOCKS / Long.SIZE);
    }

    // Staging, and the end of a transaction.

    /**
     * Stages the transaction's space changes. Takes the commit locks of the groups it touches, in ascending order;
     * {@link #settle} or {@link #cancel} lets them go.
     */
    public void stage(Transaction tx) throws FsException {
        SpaceChanges space = tx.space();
        if (space.isEmpty()) {
            return;
        }
        requireOwned(space.freed());
        long[] touched = touchedGroups(space);
        for (long number : touched) {
            Group group = group(number);
            space.locked(number);
            group.commitLock.lock();
        }
        stageBits(tx, space.claimed(), true);
        stageBits(tx, space.freed(), false);
        for (int i = 0; i < space.chunks().size(); i++) {
            long blockNo = space.chunks().first(i);
            setBits(
                    tx,
                    geometry.chunkMapBlock(Geometry.groupOf(blockNo)),
                    blockNo,
                    1,
                    space.chunks().second(i) == 1);
        }
        for (int i = 0; i < space.inodes().size(); i++) {
            long field =
                    geometry.descriptorOffset(Geometry.groupOf(space.inodes().first(i))) + GroupLayout.INODES_USED;
            tx.putInt(field, tx.getInt(field) + (int) space.inodes().second(i));
        }
        for (long number : touched) {
            long descriptor = geometry.descriptorOffset(number);
            long bitmap = Units.blockToBytes(geometry.bitmapBlock(number));
            tx.putInt(descriptor + GroupLayout.BITMAP_CHECKSUM, tx.checksumOf(bitmap, Units.BLOCK_BYTES, -1));
            if (space.chunks().size() > 0) {
                tx.putInt(
                        descriptor + GroupLayout.CHUNKS_CHECKSUM,
                        tx.checksumOf(bitmap + Units.BLOCK_BYTES, Units.BLOCK_BYTES, -1));
            }
            tx.seal(descriptor, GroupLayout.CHECKED_BYTES, GroupLayout.CHECKSUM);
        }
    }

    /** Runs while a group in use keeps its descriptor and maps as they are. */
    public void whileStill(long number, Guarded look) throws FsException {
        Group group = groups.get((int) number);
        if (group == null) {
            // Nobody changes its maps who has not loaded them first.
            synchronized (this) {
                group = groups.get((int) number);
                if (group == null) {
                    look.run();
                    return;
                }
            }
        }
        group.commitLock.lock();
        try {
            look.run();
        } finally {
            group.commitLock.unlock();
        }
    }

    /** Runs while the volume state block and the orphan tree stay as they are. */
    public void whileStateIsStill(Guarded look) throws FsException {
        stateLock.lock();
        try {
            look.run();
        } finally {
            stateLock.unlock();
        }
    }

    /** What an inode owned lies where blocks can be owned: the pool says so, and may lie. */
    private void requireOwned(SpaceChanges.RangeList freed) throws CorruptPoolException {
        long groupCount = stateLock.isHeldByCurrentThread() ? pendingGroups : groupsInUse;
        for (int i = 0; i < freed.size(); i++) {
            long first = freed.first(i);
            long last = first + freed.second(i) - 1;
            if (first < 0
                    || first > last
                    || last >= geometry.replicaBlock()
                    || Geometry.groupOf(last) >= groupCount
                    || first - Geometry.firstBlock(Geometry.groupOf(first))
                            < geometry.fixedBlocksIn(Geometry.groupOf(first))) {
                throw new CorruptPoolException(
                        "owner of blocks",
                        Units.blockToBytes(Math.max(0, first)),
                        "blocks that can be owned",
                        "others");
            }
        }
    }

    private void stageBits(Transaction tx, SpaceChanges.RangeList ranges, boolean set) throws CorruptPoolException {
        for (int i = 0; i < ranges.size(); i++) {
            long start = ranges.first(i);
            long end = start + ranges.second(i);
            while (start < end) {
                long group = Geometry.groupOf(start);
                long count = Math.min(end, Geometry.firstBlock(group + 1)) - start;
                setBits(tx, geometry.bitmapBlock(group), start, (int) count, set);
                long field = geometry.descriptorOffset(group) + GroupLayout.FREE_BLOCKS;
                tx.putInt(field, tx.getInt(field) + (int) (set ? -count : count));
                start += count;
            }
        }
    }

    private static void setBits(Transaction tx, long mapBlock, long firstBlock, int count, boolean set)
            throws CorruptPoolException {
        int at = (int) (firstBlock & (Geometry.GROUP_BLOCKS - 1));
        int end = at + count;
        while (at < end) {
            int inWord = Math.min(end - at, Long.SIZE - (at & 63));
            long mask = (inWord == Long.SIZE ? -1L : (1L << inWord) - 1) << at;
            long offset = Units.blockToBytes(mapBlock) + (long) (at >>> 6) * Long.BYTES;
            long word = tx.getLong(offset);
            if ((set ? word & mask : ~word & mask) != 0) {
                throw new CorruptPoolException(
                        "bitmap or owner of block " + firstBlock,
                        offset,
                        set ? "free blocks" : "blocks in use",
                        "0x" + Long.toHexString(word));
            }
            tx.putLong(offset, word ^ mask);
            at += inWord;
        }
    }

    private static long[] touchedGroups(SpaceChanges space) {
        long[] found = new long[16];
        int count = 0;
        SpaceChanges.RangeList[] lists = {space.claimed(), space.freed(), space.chunks(), space.inodes()};
        for (int list = 0; list < lists.length; list++) {
            for (int i = 0; i < lists[list].size(); i++) {
                long last = lists[list].first(i) + (list < 2 ? lists[list].second(i) - 1 : 0);
                for (long g = Geometry.groupOf(lists[list].first(i)); g <= Geometry.groupOf(last); g++) {
                    int k = 0;
                    while (k < count && found[k] != g) {
                        k++;
                    }
                    if (k == count) {
                        if (count == found.length) {
                            found = Arrays.copyOf(found, count * 2);
                        }
                        found[count++] = g;
                    }
                }
            }
        }
        long[] touched = Arrays.copyOf(found, count);
        Arrays.sort(touched);
        return touched;
    }

    /** After a commit: lets the groups go; freed blocks may be used again at once (docs/FORMAT.md §12). */
    public void settle(Transaction tx) throws FsException {
        SpaceChanges space = tx.space();
        if (stateLock.isHeldByCurrentThread()) {
            groupsInUse = pendingGroups;
            stateLock.unlock();
        }
        if (space.isEmpty()) {
            return;
        }
        unlock(space);
        available.addAndGet(quarantine.isEmpty() ? giveAll(space.freed()) : giveSifted(space.freed()));
        durablyFree.addAndGet(-space.balance());
        for (int i = 0; i < space.inodes().size(); i++) {
            inodesUsed.addAndGet(space.inodes().second(i));
        }
    }

    /**
     * After an abort: what was claimed is free again.
     *
     * @param mayBeThere whether the commit failed amid the record, which may be whole: the next mount replays it, and until
     *     then nobody may store to what it claimed
     */
    public void cancel(Transaction tx, boolean mayBeThere) throws FsException {
        SpaceChanges space = tx.space();
        try {
            if (!mayBeThere) {
                available.addAndGet(giveAll(space.claimed()));
            }
        } finally {
            unlock(space);
            if (stateLock.isHeldByCurrentThread()) {
                cancelGroups(tx);
            }
        }
    }

    private void cancelGroups(Transaction tx) throws FsException {
        try {
            // The groups it brought into use are not: its pocket may hold some of their blocks.
            emptyPocket(tx);
        } finally {
            for (long g = groupsInUse; g < pendingGroups; g++) {
                groups.set((int) g, null);
            }
            pendingGroups = groupsInUse;
            stateLock.unlock();
        }
    }

    private void emptyPocket(Transaction tx) throws FsException {
        while (tx.pocketCount() > 0) {
            long blockNo = tx.emptyPocket();
            Group group = group(Geometry.groupOf(blockNo));
            synchronized (group) {
                group.give((int) (blockNo & (Geometry.GROUP_BLOCKS - 1)), 1);
            }
            available.addAndGet(1);
        }
    }

    /** Of the groups that {@link #stage} came to: it may have failed to load one, or to lock it. */
    private void unlock(SpaceChanges space) {
        for (int i = 0; i < space.locked().size(); i++) {
            Group group = groups.get((int) space.locked().first(i));
            if (group.commitLock.isHeldByCurrentThread()) {
                group.commitLock.unlock();
            }
        }
    }

    private long giveAll(SpaceChanges.RangeList ranges) throws FsException {
        long total = 0;
        for (int i = 0; i < ranges.size(); i++) {
            total += give(ranges.first(i), ranges.second(i));
        }
        return total;
    }

    private long giveSifted(SpaceChanges.RangeList ranges) throws FsException {
        long total = 0;
        for (int i = 0; i < ranges.size(); i++) {
            for (BlockRange range : quarantine.sift(ranges.first(i), ranges.second(i))) {
                total += give(range.start(), range.count());
            }
        }
        return total;
    }

    /** Blocks that are free durably, and must not be given out before {@link #endQuarantine}. */
    public void quarantine(Object owner, long start, long count) {
        quarantine.hold(owner, start, count);
    }

    /** Nobody can store to the owner's blocks any more. */
    public void endQuarantine(Object owner) throws FsException {
        for (BlockRange range : quarantine.release(owner)) {
            available.addAndGet(give(range.start(), range.count()));
        }
    }

    private long give(long first, long blockCount) throws FsException {
        long start = first;
        long end = first + blockCount;
        while (start < end) {
            Group group = group(Geometry.groupOf(start));
            int count = (int) (Math.min(end, Geometry.firstBlock(group.number + 1)) - start);
            synchronized (group) {
                group.give((int) (start & (Geometry.GROUP_BLOCKS - 1)), count);
                if (group.wholeRuns() > 0) {
                    discardable.set(1);
                }
            }
            start += count;
        }
        return blockCount;
    }

    // Giving memory back to the host.

    /** Gives wholly free runs back to the host, if some may have become free since the last call; returns bytes. */
    public long discardFreeRuns() throws FsException {
        return discard && discardable.getAndSet(0) == 1 ? discardRuns(0, geometry.sizeBytes(), false) : 0;
    }

    /**
     * FITRIM: sees to it that the host has no memory behind the wholly free runs in {@code [start, start + length)}
     * bytes, also those that were freed before this mount; returns their bytes.
     */
    public long trim(long start, long lengthBytes, long minimumBytes) throws FsException {
        if (minimumBytes > Units.RUN_BYTES) {
            return 0;
        }
        long end = lengthBytes > geometry.sizeBytes() - start ? geometry.sizeBytes() : start + lengthBytes;
        long unused = discardUnusedGroups(start, end);
        return unused + discardRuns(start, end, true);
    }

    /** The state lock keeps these groups from coming into use meanwhile. */
    private long discardUnusedGroups(long start, long end) {
        stateLock.lock();
        try {
            long first = Math.max(start, Units.blockToBytes(Geometry.firstBlock(groupsInUse)));
            long from = Units.alignUp(first, Units.RUN_BYTES);
            // The last block is the superblock's replica.
            long to = Units.alignDown(Math.min(end, geometry.sizeBytes() - Units.BLOCK_BYTES), Units.RUN_BYTES);
            return from < to && host.discard(from, to - from) ? to - from : 0;
        } finally {
            stateLock.unlock();
        }
    }

    /** @param again also runs that were given back before: the host knows best, and FITRIM counts them */
    private long discardRuns(long start, long end, boolean again) throws FsException {
        long given = 0;
        long count = Math.min(groupsInUse, Geometry.groupOf(Units.blocksFor(end) - 1) + 1);
        for (long g = index.next(Kind.WHOLE_RUN, Geometry.groupOf(Units.blockOf(start)), count);
                g < count;
                g = index.next(Kind.WHOLE_RUN, g + 1, count)) {
            Group group = groupWithRoom(g);
            if (group == null) {
                continue;
            }
            for (int run = 0; run < Group.RUNS; run++) {
                long offset = Units.blockToBytes(Geometry.firstBlock(g)) + run * Units.RUN_BYTES;
                // The monitor keeps the run free while the host takes it.
                synchronized (group) {
                    if (offset >= start
                            && offset + Units.RUN_BYTES <= end
                            && group.isWholeRun(run)
                            && (again || !group.isDiscarded(run))
                            && host.discard(offset, Units.RUN_BYTES)) {
                        group.setDiscarded(run);
                        given += Units.RUN_BYTES;
                    }
                }
            }
        }
        return given;
    }

    /** Takes the pockets of idle lanes back: at unmount. */
    public void emptyPockets(Transaction[] lanes) throws FsException {
        for (Transaction lane : lanes) {
            emptyPocket(lane);
        }
    }
}
