package org.radax.core.volume;

import org.radax.core.alloc.BlockRange;
import org.radax.core.dax.Mapping;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.extent.ExtentMap;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Timestamp;
import org.radax.core.unit.Units;

/**
 * File contents: read, write, seek, copy.
 *
 * <p>Crash order of every change: new data (and the zeroes around it in its blocks) is stored into blocks that nothing
 * durable shows yet, written back and fenced; then one transaction makes extents, size and times show it. An
 * overwrite of data that is there already goes in place, written back and fenced before the reply.
 *
 * <p>Bytes beyond the end of a file, in its last block, may be anything on the pool: they are zeroed before the size
 * grows over them (D36).
 */
final class FileData {
    /** Two overwrites within this time may share a modification time, as they do on the kernel's coarse clock. */
    private static final long TIME_TICK_NANOS = 1_000_000;

    private static final long DAY_NANOS = 86_400L * 1_000_000_000L;

    private final VolumeCore core;
    private final PoolMemory memory;
    private final FileBlocks blocks;
    private final Privileges privileges;
    private final ThreadLocal<Extent> extents = ThreadLocal.withInitial(Extent::new);

    FileData(VolumeCore core, Privileges privileges) {
        this.core = core;
        this.privileges = privileges;
        this.memory = core.memory;
        this.blocks = new FileBlocks(core);
    }

    // Reading.

    void read(long ino, long fileOffset, long lengthBytes, ReadSink sink) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        memory.requireThere(inode, InodeLayout.MAGIC_VALUE);
        // Before the answer: asked for behind it, the old time would be cached by the kernel until the next read.
        if (lengthBytes > 0 && fileOffset < memory.getLong(inode + InodeLayout.SIZE) && needsAtime(inode)) {
            touchAtime(ino);
        }
        long stamp = core.locks.lockShared(ino);
        try {
            long size = memory.getLong(inode + InodeLayout.SIZE);
            long end = fileOffset >= size ? fileOffset : Math.min(size, fileOffset + lengthBytes);
            long at = fileOffset;
            Extent extent = extents.get();
            while (at < end) {
                core.extents.find(memory, VolumeCore.rootOf(inode), ino, Units.blockOf(at), extent);
                long until = Math.min(end, extent.end() << Units.BLOCK_SHIFT);
                if (extent.hasData()) {
                    long offset = Units.blockToBytes(extent.poolBlock()) + Units.offsetInBlock(at);
                    sink.segment(memory.address(offset, until - at), until - at);
                } else {
                    until = Math.min(until, at + PoolMemory.zeroRegionBytes());
                    sink.segment(PoolMemory.zeroRegion(), until - at);
                }
                at = until;
            }
            // The lock pins the range: nobody frees these blocks before the sink has used them.
            sink.complete();
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    boolean needsAtime(long inode) {
        VolumeOptions options = core.options();
        if (options.readOnly()
                || core.journal.failure() != null
                || options.access() == VolumeOptions.Access.NOATIME
                || (memory.getInt(inode + InodeLayout.FLAGS) & InodeFlags.NOATIME) != 0) {
            return false;
        }
        long atime = memory.getLong(inode + InodeLayout.ATIME);
        long now = Clock.now();
        boolean isFuture = Timestamp.compare(atime, now) > 0;
        if (options.access() == VolumeOptions.Access.STRICTATIME) {
            return isFuture || now - atime > TIME_TICK_NANOS;
        }
        return Timestamp.compare(atime, memory.getLong(inode + InodeLayout.MTIME)) <= 0
                || Timestamp.compare(atime, memory.getLong(inode + InodeLayout.CTIME)) <= 0
                || (!isFuture && now - atime >= DAY_NANOS);
    }

    /** Not on a frozen volume: a read does not wait for it to thaw. */
    void touchAtime(long ino) throws FsException {
        if (!core.gate.tryEnter()) {
            return;
        }
        try {
            touchAtimeInside(ino);
        } finally {
            core.gate.exit();
        }
    }

    private void touchAtimeInside(long ino) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try (Operation op = core.beginSmall()) {
            long inode = core.inodes.offsetOf(ino);
            op.tx().putLong(inode + InodeLayout.ATIME, Clock.now());
            VolumeCore.seal(op.tx(), inode);
            op.commit();
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    // Writing.

    long write(Caller caller, long ino, long fileOffset, long source, long lengthBytes, int flags) throws FsException {
        core.requireWritable("write");
        if (fileOffset < 0 || fileOffset >= Units.MAX_FILE_BYTES) {
            throw new FsException(Errno.EFBIG, "write", "at " + fileOffset + ", files end at 16 TiB");
        }
        long length = Math.min(lengthBytes, Units.MAX_FILE_BYTES - fileOffset);
        if (length == 0) {
            return 0;
        }
        if (!core.options().isDataAtomic()
                && !core.checksums.isKept()
                && overwriteBesideOthers(caller, ino, fileOffset, source, length, flags)) {
            return length;
        }
        long stamp = core.locks.lockExclusive(ino);
        try {
            return isCached(flags)
                    ? writePagesLocked(caller, ino, fileOffset, source, length, flags)
                    : writeLocked(caller, ino, fileOffset, source, length, flags);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /**
     * As {@link #writeLocked}, for what comes out of the page cache: the kernel drops the pages of a request that fails,
     * and takes a short count for all of it. So where space is short each block is stored that finds room, and then the
     * error is thrown.
     */
    private long writePagesLocked(Caller caller, long ino, long fileOffset, long source, long length, int flags)
            throws FsException {
        try {
            if (writeLocked(caller, ino, fileOffset, source, length, flags) == length) {
                return length;
            }
        } catch (FsException e) {
            if (e.errno() != Errno.ENOSPC || core.options().isDataAtomic()) {
                throw e;
            }
        }
        FsException refusal = null;
        long end = fileOffset + length;
        for (long at = fileOffset; at < end; ) {
            long until = Math.min(end, Units.alignDown(at, Units.BLOCK_BYTES) + Units.BLOCK_BYTES);
            try {
                writeLocked(caller, ino, at, source + (at - fileOffset), until - at, flags);
            } catch (FsException e) {
                refusal = e;
            }
            at = until;
        }
        if (refusal != null) {
            throw refusal;
        }
        return length;
    }

    /**
     * An overwrite changes no extent and no size: other reads and overwrites of the file go on beside it, as they do
     * with direct I/O on ext4 ({@code ext4_dio_write_checks}).
     *
     * @return false, with nothing written, if the write takes more than that, or is to be refused
     */
    private boolean overwriteBesideOthers(Caller caller, long ino, long fileOffset, long source, long length, int flags)
            throws FsException {
        long inode = core.inodes.offsetOf(ino);
        memory.requireThere(inode, InodeLayout.MAGIC_VALUE);
        if (fileOffset + length > memory.getLong(inode + InodeLayout.SIZE)) {
            return false;
        }
        boolean isTimeOld;
        long stamp = core.locks.lockShared(ino);
        try {
            if (fileOffset + length > memory.getLong(inode + InodeLayout.SIZE)
                    || isRefused(inode, fileOffset, flags)
                    || (dropsPrivileges(flags) && privileges.hasAny(inode, ino, caller, killsIds(flags)))
                    || !overwrite(inode, ino, fileOffset, source, length, isCached(flags))) {
                return false;
            }
            isTimeOld = isModificationTimeOld(inode, Clock.now());
        } finally {
            core.locks.unlock(ino, stamp);
        }
        if (isTimeOld) {
            stamp = core.locks.lockExclusive(ino);
            try {
                touchModification(inode);
            } finally {
                core.locks.unlock(ino, stamp);
            }
        }
        return true;
    }

    /** The inode's lock is held exclusively. */
    long writeLocked(Caller caller, long ino, long fileOffset, long source, long length, int flags) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        memory.requireThere(inode, InodeLayout.MAGIC_VALUE);
        if (isRefused(inode, fileOffset, flags)) {
            throw new FsException(Errno.EPERM, "write", "immutable or append-only");
        }
        if (dropsPrivileges(flags)) {
            privileges.drop(inode, ino, caller, killsIds(flags));
        }
        long size = memory.getLong(inode + InodeLayout.SIZE);
        long written = length;
        if (core.options().isDataAtomic()) {
            replace(inode, ino, fileOffset, source, length);
            if (isCached(flags)) {
                noteFilled(inode, ino, fileOffset, fileOffset + length);
            }
        } else if (fileOffset + length <= size && overwrite(inode, ino, fileOffset, source, length, isCached(flags))) {
            touchModification(inode);
        } else {
            written = fill(inode, ino, fileOffset, source, length);
            if (isCached(flags)) {
                noteFilled(inode, ino, fileOffset, fileOffset + written);
            }
        }
        if (fileOffset > size) {
            blocks.settleEdges(ino, size, size);
        }
        core.checksums.settle(ino, Units.blockOf(fileOffset), Units.blocksFor(fileOffset + written));
        return written;
    }

    /**
     * Writes all or nothing: into new blocks, which one transaction puts in the place of the old ones.
     *
     * <p>Crash order: what was written, and what it leaves of the blocks at its ends, is stored in blocks that nothing shows; the
     * commit's fence comes behind it and before the record. Where the file is too fragmented for one record, its contents are
     * moved together first, in as many transactions as that takes: each of them changes nothing that can be seen.
     *
     * @throws FsException ENOSPC also if there is no room in few enough pieces
     */
    private void replace(long inode, long ino, long fileOffset, long source, long length) throws FsException {
        long first = Units.blockOf(fileOffset);
        long end = fileOffset + length;
        long last = Units.blocksFor(end);
        forgetReported(ino, first, last);
        blocks.zeroBehindEnd(inode, ino, fileOffset);
        if (!replaceInOne(inode, ino, fileOffset, source, end)) {
            moveTogether(inode, ino, first, last);
            if (!replaceInOne(inode, ino, fileOffset, source, end)) {
                throw new FsException(Errno.ENOSPC, "write", "no room in one piece for " + length + " bytes at once");
            }
        }
    }

    /** False, with nothing changed, if it takes more than one transaction. */
    private boolean replaceInOne(long inode, long ino, long fileOffset, long source, long end) throws FsException {
        long first = Units.blockOf(fileOffset);
        try (Filling filling = new Filling(inode, ino, first, Units.blocksFor(end), Replace.DATA)) {
            return fillStep(filling, first, fileOffset, source, end) == filling.dataEnd;
        }
    }

    /** As few extents as there is room for, of the same contents. */
    private void moveTogether(long inode, long ino, long first, long last) throws FsException {
        try (Filling filling = new Filling(inode, ino, first, last, Replace.ALL)) {
            for (long block = first; block < last; ) {
                // Nothing is written, so that the size stays.
                block = fillStep(filling, block, 0, PoolMemory.zeroRegion(), 0);
            }
        }
    }

    /** What is known of pages whose blocks are about to change: nobody maps them, and they are durable. */
    private void forgetReported(long ino, long first, long last) {
        Mapping mapping = core.mappings.find(ino);
        if (mapping != null) {
            mapping.delete(first, last);
        }
    }

    /** What the page cache wrote where there was no data: durable already, lazily or not. */
    private void noteFilled(long inode, long ino, long start, long end) throws FsException {
        Mapping mapping = core.mappings.of(ino);
        Extent extent = extents.get();
        long last = Units.blocksFor(end);
        for (long page = Units.blockOf(start); page < last; page = extent.end()) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, page, extent);
            if (extent.hasData()) {
                long count = Math.min(extent.end(), last) - page;
                mapping.noteWritten(page, extent.poolBlock(), count, true, Clock.seconds());
            }
        }
    }

    private static boolean isCached(int flags) {
        return (flags & FileSystem.WRITE_CACHE) != 0;
    }

    /** What comes out of the page cache was allowed when it went in, and begins where its page does. */
    private boolean isRefused(long inode, long fileOffset, int flags) {
        if (isCached(flags)) {
            return false;
        }
        int inodeFlags = memory.getInt(inode + InodeLayout.FLAGS);
        return (inodeFlags & InodeFlags.IMMUTABLE) != 0
                || ((inodeFlags & InodeFlags.APPEND) != 0 && fileOffset < memory.getLong(inode + InodeLayout.SIZE));
    }

    private static boolean killsIds(int flags) {
        return (flags & FileSystem.WRITE_KILL_PRIVILEGES) != 0;
    }

    /** What comes out of the page cache was written before, and lost its privileges then. */
    private static boolean dropsPrivileges(int flags) {
        return killsIds(flags) || !isCached(flags);
    }

    private boolean isModificationTimeOld(long inode, long now) {
        return Math.abs(now - memory.getLong(inode + InodeLayout.MTIME)) > TIME_TICK_NANOS;
    }

    /** The inode's lock is held exclusively. */
    private void touchModification(long inode) throws FsException {
        long now = Clock.now();
        if (isModificationTimeOld(inode, now)) {
            try (Operation op = core.beginSmall()) {
                FileBlocks.finishWrite(op.tx(), inode, memory.getLong(inode + InodeLayout.SIZE), now);
                op.commit();
            }
        }
    }

    /**
     * In place: torn by a crash at worst within the bytes written, durable before the reply; but what the page cache
     * writes with lazy writeback is left to a sync.
     *
     * @param cached whether it comes out of the page cache: its pages are noted
     * @return false, with nothing written, unless there is data all along
     */
    private boolean overwrite(long inode, long ino, long fileOffset, long source, long length, boolean cached)
            throws FsException {
        boolean lazy = cached && core.options().lazyWriteback();
        Extent extent = extents.get();
        long end = fileOffset + length;
        core.extents.find(memory, VolumeCore.rootOf(inode), ino, Units.blockOf(fileOffset), extent);
        boolean whole = extent.hasData() && end <= extent.end() << Units.BLOCK_SHIFT;
        if (!whole && !isAllWritten(inode, ino, fileOffset, end)) {
            return false;
        }
        forgetChecksums(inode, ino, fileOffset, end);
        for (long at = fileOffset; at < end; ) {
            if (!whole) {
                core.extents.find(memory, VolumeCore.rootOf(inode), ino, Units.blockOf(at), extent);
            }
            long until = Math.min(end, extent.end() << Units.BLOCK_SHIFT);
            long offset = Units.blockToBytes(extent.poolBlock()) + Units.offsetInBlock(at);
            memory.copyIn(offset, source + (at - fileOffset), until - at);
            if (!lazy) {
                memory.writeBack(offset, until - at);
            }
            if (cached) {
                long page = Units.blockOf(at);
                long count = Units.blocksFor(until) - page;
                // Behind the store: a sync that looks before it finds nothing, and owes nothing to an unanswered write.
                core.mappings.of(ino).noteWritten(page, Units.blockOf(offset), count, !lazy, Clock.seconds());
            }
            at = until;
        }
        if (!lazy) {
            memory.fence();
        }
        return true;
    }

    /** Of what is about to be overwritten in place. */
    private void forgetChecksums(long inode, long ino, long start, long end) throws FsException {
        if (!core.checksums.isKept()) {
            return;
        }
        Extent extent = new Extent();
        boolean any = false;
        for (long block = Units.blockOf(start); block < Units.blocksFor(end); block = extent.end()) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, block, extent);
            if (extent.hasData()) {
                long count = Math.min(extent.end(), Units.blocksFor(end)) - block;
                any |= core.checksums.forget(Units.blockToBytes(extent.poolBlock()), Units.blockToBytes(count));
            }
        }
        if (any) {
            memory.fence();
        }
    }

    private boolean isAllWritten(long inode, long ino, long start, long end) throws FsException {
        Extent extent = extents.get();
        for (long block = Units.blockOf(start); block < Units.blocksFor(end); block = extent.end()) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, block, extent);
            if (!extent.hasData()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes where there is no data yet, or beyond the end: one transaction shows all of it, unless the file is so
     * fragmented that it takes several (each then shows a prefix).
     *
     * @return the bytes written: less than all of them if a later transaction found no room
     */
    private long fill(long inode, long ino, long fileOffset, long source, long length) throws FsException {
        long first = Units.blockOf(fileOffset);
        long end = fileOffset + length;
        long block = first;
        core.mappings.unmapHoles(ino, first, Units.blocksFor(end));
        try (Filling filling = new Filling(inode, ino, first, Units.blocksFor(end), Replace.NOTHING)) {
            blocks.zeroBehindEnd(inode, ino, fileOffset);
            while (block < filling.dataEnd) {
                block = fillStep(filling, block, fileOffset, source, end);
            }
        } catch (FsException e) {
            if (block == first) {
                throw e;
            }
        }
        return Math.min(end, block << Units.BLOCK_SHIFT) - fileOffset;
    }

    /**
     * Gives zeroed blocks to the hole that a page lies in: to all of it inside the 2 MiB around, or, where space is
     * short, to the page alone. Blocks beyond the end of the file are none of a hole. The inode's lock is held exclusively.
     */
    void fillHole(long ino, long page) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        long size = memory.getLong(inode + InodeLayout.SIZE);
        long most = PoolMemory.zeroRegionBytes() >> Units.BLOCK_SHIFT;
        long start = page - page % most;
        long stop = Math.min(start + most, Units.blocksFor(size));
        Extent extent = extents.get();
        for (long block = start; block < stop; block = extent.end()) {
            core.extents.find(memory, VolumeCore.rootOf(inode), ino, block, extent);
            if (extent.hasData() && block < page) {
                start = extent.end();
            } else if (extent.hasData()) {
                stop = block;
            }
        }
        try {
            long filled = fillZeroes(inode, ino, start, stop, size);
            if (start + Units.blockOf(filled) > page) {
                return;
            }
        } catch (FsException e) {
            if (e.errno() != Errno.ENOSPC || stop - start == 1) {
                throw e;
            }
        }
        fillZeroes(inode, ino, page, page + 1, size);
    }

    private long fillZeroes(long inode, long ino, long start, long stop, long size) throws FsException {
        long offset = start << Units.BLOCK_SHIFT;
        long length = Math.min(stop << Units.BLOCK_SHIFT, size) - offset;
        return Units.alignUp(fill(inode, ino, offset, PoolMemory.zeroRegion(), length), Units.BLOCK_BYTES);
    }

    /** Writes as much from {@code start} on as one transaction shows; returns where it ends. */
    private long fillStep(Filling filling, long start, long fileOffset, long source, long end) throws FsException {
        long block = start;
        long inode = filling.inode;
        try (Operation op = core.begin(filling.isPreallocated())) {
            Transaction tx = op.tx();
            long before = tx.space().balance();
            tx.dataStored();
            do {
                block = filling.piece(tx, block, fileOffset, source, end);
            } while (block < filling.dataEnd && op.hasRoom());
            if (filling.isAllOrNothing() && block < filling.dataEnd) {
                return block;
            }
            VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
            long shown = Math.min(end, block << Units.BLOCK_SHIFT);
            long size = Math.max(memory.getLong(inode + InodeLayout.SIZE), shown);
            FileBlocks.finishWrite(tx, inode, size, Clock.now());
            // Data that is there is overwritten only now: a step that found no room has left no trace.
            if (filling.replace == Replace.NOTHING) {
                filling.overwrite(start, block, fileOffset, source, end);
            }
            op.commit();
        }
        return block;
    }

    /** What gets new blocks, besides holes. */
    private enum Replace {
        NOTHING,
        /** Blocks with data. */
        DATA,
        /** Unwritten ones too. */
        ALL
    }

    /** The blocks a write needs, set aside before it begins; what is not drawn goes back. */
    private final class Filling implements AutoCloseable {
        private final long inode;
        private final long ino;
        final long dataEnd;
        final Replace replace;
        private final long allocationEnd;
        private final Extent extent = new Extent();
        private final BlockRange range = new BlockRange();
        private long reserved;

        Filling(long inode, long ino, long first, long dataEnd, Replace replace) throws FsException {
            this.inode = inode;
            this.ino = ino;
            this.dataEnd = dataEnd;
            this.replace = replace;
            int hint = replace == Replace.ALL ? 0 : memory.getInt(inode + InodeLayout.EXTENT_HINT);
            long end = hint > 0 ? Math.min((dataEnd + hint - 1) / hint * hint, ExtentMap.MAX_FILE_BLOCKS) : dataEnd;
            long needed = needed(first);
            if (end > dataEnd) {
                long more = blocks.countHoles(inode, ino, dataEnd, end);
                try {
                    core.allocator.reserve(needed + more);
                    needed += more;
                } catch (FsException e) {
                    // A hint is no demand: without room for it the write gets what it needs.
                    end = dataEnd;
                    core.allocator.reserve(needed);
                }
            } else {
                core.allocator.reserve(needed);
            }
            this.reserved = needed;
            this.allocationEnd = end;
        }

        private long needed(long first) throws FsException {
            return switch (replace) {
                case NOTHING -> blocks.countHoles(inode, ino, first, dataEnd);
                case DATA -> blocks.countHolesAndData(inode, ino, first, dataEnd);
                case ALL -> dataEnd - first;
            };
        }

        boolean isAllOrNothing() {
            return replace == Replace.DATA;
        }

        /** Needs no more data blocks: fallocate(2) promised room for it, so that it may draw on the reserve. */
        boolean isPreallocated() {
            return reserved == 0;
        }

        /** Fills one extent's worth from {@code block} on; returns where it ends. */
        long piece(Transaction tx, long block, long fileOffset, long source, long end) throws FsException {
            long root = VolumeCore.rootOf(inode);
            core.extents.find(tx, root, ino, block, extent);
            long count = Math.min(extent.blockCount(), dataEnd - block);
            if (extent.isHole()) {
                long want = Math.min(extent.blockCount(), allocationEnd - block);
                core.allocator.allocate(
                        tx,
                        Math.min(want, ExtentMap.MAX_BLOCKS_PER_STEP),
                        blocks.poolHint(tx, root, ino, block),
                        range);
                reserved -= range.count();
                count = Math.min(count, range.count());
                storeAndZeroAround(range.start(), block, count, fileOffset, source, end);
                core.extents.insert(tx, root, ino, block, range.start(), count, false);
                if (range.count() > count) {
                    core.extents.insert(
                            tx, root, ino, block + count, range.start() + count, range.count() - count, true);
                }
            } else if (replace == Replace.ALL || (replace == Replace.DATA && extent.hasData())) {
                count = replace(tx, root, block, count, fileOffset, source, end);
            } else if (extent.isUnwritten()) {
                storeAndZeroAround(extent.poolBlock(), block, count, fileOffset, source, end);
                core.extents.setUnwritten(tx, root, ino, block, block + count, false);
            }
            return block + count;
        }

        /** New blocks for the first of {@code count} that the extent has; returns for how many. */
        private long replace(Transaction tx, long root, long block, long count, long fileOffset, long source, long end)
                throws FsException {
            boolean hasData = extent.hasData();
            long old = extent.poolBlock();
            long most = Math.min(count, ExtentMap.MAX_BLOCKS_PER_STEP);
            core.allocator.allocate(tx, most, blocks.poolHint(tx, root, ino, block), range);
            reserved -= range.count();
            long done = range.count();
            if (hasData) {
                storeAndCopyAround(range.start(), old, block, done, fileOffset, source, end);
            } else {
                storeAndZeroAround(range.start(), block, done, fileOffset, source, end);
            }
            core.extents.remove(tx, root, ino, block, block + done);
            core.extents.insert(tx, root, ino, block, range.start(), done, false);
            return done;
        }

        /** Stores where there was data before this step, whose changes the pool does not show yet. */
        void overwrite(long start, long stop, long fileOffset, long source, long end) throws FsException {
            forgetChecksums(
                    inode,
                    ino,
                    Math.max(fileOffset, start << Units.BLOCK_SHIFT),
                    Math.min(end, stop << Units.BLOCK_SHIFT));
            for (long block = start; block < stop; block = extent.end()) {
                core.extents.find(memory, VolumeCore.rootOf(inode), ino, block, extent);
                if (extent.hasData()) {
                    long from = Math.max(fileOffset, block << Units.BLOCK_SHIFT);
                    long to = Math.min(end, Math.min(stop, extent.end()) << Units.BLOCK_SHIFT);
                    long offset = Units.blockToBytes(extent.poolBlock()) + (from - (block << Units.BLOCK_SHIFT));
                    memory.copyIn(offset, source + (from - fileOffset), to - from);
                    memory.writeBack(offset, to - from);
                }
            }
        }

        @Override
        public void close() {
            core.allocator.unreserve(reserved);
        }
    }

    /** Stores data into blocks that nothing shows yet; what the write leaves of them becomes zeroes. */
    private void storeAndZeroAround(long poolBlock, long block, long count, long fileOffset, long source, long end) {
        long start = block << Units.BLOCK_SHIFT;
        long stop = (block + count) << Units.BLOCK_SHIFT;
        long from = Math.min(stop, Math.max(fileOffset, start));
        long to = Math.max(from, Math.min(end, stop));
        long offset = Units.blockToBytes(poolBlock);
        core.checksums.forget(offset, stop - start);
        if (from > start) {
            memory.zero(offset, from - start);
        }
        if (to > from) {
            memory.copyIn(offset + (from - start), source + (from - fileOffset), to - from);
        }
        if (stop > to) {
            memory.zero(offset + (to - start), stop - to);
        }
        memory.writeBack(offset, stop - start);
    }

    /** As {@link #storeAndZeroAround}; what the write leaves of them becomes what the old ones have. */
    private void storeAndCopyAround(
            long poolBlock, long oldPoolBlock, long block, long count, long fileOffset, long source, long end)
            throws FsException {
        long start = block << Units.BLOCK_SHIFT;
        long stop = (block + count) << Units.BLOCK_SHIFT;
        long from = Math.min(stop, Math.max(fileOffset, start));
        long to = Math.max(from, Math.min(end, stop));
        long offset = Units.blockToBytes(poolBlock);
        core.checksums.forget(offset, stop - start);
        copyWithin(Units.blockToBytes(oldPoolBlock), offset, from - start);
        if (to > from) {
            memory.copyIn(offset + (from - start), source + (from - fileOffset), to - from);
        }
        copyWithin(Units.blockToBytes(oldPoolBlock) + (to - start), offset + (to - start), stop - to);
        memory.writeBack(offset, stop - start);
    }

    private void copyWithin(long from, long to, long length) throws FsException {
        if (length > 0) {
            memory.requirePages(from, length);
            memory.copyIn(to, memory.address(from, length), length);
        }
    }

    // Seeking and copying.

    long seek(long ino, long fileOffset, boolean forData) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.offsetOf(ino);
            long size = memory.getLong(inode + InodeLayout.SIZE);
            if (fileOffset < 0 || fileOffset >= size) {
                throw new FsException(Errno.ENXIO, "lseek", fileOffset + " is beyond the end at " + size);
            }
            Extent extent = extents.get();
            long at = fileOffset;
            while (at < size) {
                core.extents.find(memory, VolumeCore.rootOf(inode), ino, Units.blockOf(at), extent);
                if (extent.hasData() == forData) {
                    return at;
                }
                at = extent.end() << Units.BLOCK_SHIFT;
            }
            if (forData) {
                throw new FsException(Errno.ENXIO, "lseek", "no data behind " + fileOffset);
            }
            return size;
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /**
     * Copies within the volume, piece by piece, both files locked. Returns what was copied: less than asked for at the
     * end of the source, or when something stopped it midway.
     */
    long copy(Caller caller, long from, long sourceOffset, long to, long targetOffset, long lengthBytes)
            throws FsException {
        core.requireWritable("copy_file_range");
        LockSet locks = new LockSet(core.locks).add(from).add(to);
        locks.lock();
        try {
            long source = core.inodes.offsetOf(from);
            long size = memory.getLong(source + InodeLayout.SIZE);
            long length = Math.min(lengthBytes, Math.max(0, size - sourceOffset));
            if (targetOffset > Units.MAX_FILE_BYTES - length) {
                throw new FsException(Errno.EFBIG, "copy_file_range", "files end at 16 TiB");
            }
            Extent extent = new Extent();
            long done = 0;
            while (done < length) {
                long at = sourceOffset + done;
                core.extents.find(memory, VolumeCore.rootOf(source), from, Units.blockOf(at), extent);
                long piece = Math.min(length - done, (extent.end() << Units.BLOCK_SHIFT) - at);
                piece = Math.min(piece, 1L << 20);
                long address = PoolMemory.zeroRegion();
                if (extent.hasData()) {
                    long offset = Units.blockToBytes(extent.poolBlock()) + Units.offsetInBlock(at);
                    address = memory.address(offset, piece);
                    memory.requirePages(offset, piece);
                }
                long written;
                try {
                    int flags = Privileges.lacksSetIdRight(caller) ? FileSystem.WRITE_KILL_PRIVILEGES : 0;
                    written = writeLocked(caller, to, targetOffset + done, address, piece, flags);
                } catch (FsException e) {
                    if (done > 0) {
                        return done;
                    }
                    throw e;
                }
                done += written;
                if (written < piece) {
                    return done;
                }
            }
            return done;
        } finally {
            locks.unlock();
        }
    }
}
