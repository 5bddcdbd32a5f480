package org.radax.core.volume;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.radax.core.dax.LayoutBreak;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.MappingClient;
import org.radax.core.dax.Threading;
import org.radax.core.dax.WaitTable;
import org.radax.core.error.FsException;
import org.radax.core.event.LayoutBreakEvent;
import org.radax.core.event.SyncEvent;
import org.radax.core.extent.Extent;
import org.radax.core.lock.LockOrder;
import org.radax.core.unit.Units;
import org.radax.core.writeback.ModeSwitch;
import org.radax.core.writeback.SyncReport;
import org.radax.core.writeback.Writeback;

/**
 * The files of which pages are mapped, dirty or reported (the kernel's list of dirty inodes, D22). Thread-safe.
 *
 * <p>A file's mapping is made by whoever holds its inode's lock, and forgotten with that lock held exclusively.
 */
final class Mappings implements LayoutGuard {
    /** To look up without allocating: writes out of the page cache do. */
    private static final ThreadLocal<InodeKey> LOOKED_FOR = ThreadLocal.withInitial(InodeKey::new);

    /** A number as a key; one that is in the map does not change. */
    private static final class InodeKey {
        private long ino;

        InodeKey set(long number) {
            ino = number;
            return this;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof InodeKey key && key.ino == ino;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(ino);
        }
    }

    private final VolumeCore core;
    private final WaitTable waits = new WaitTable(Threading.NATIVE);
    private final ConcurrentHashMap<InodeKey, Mapping> byInode = new ConcurrentHashMap<>();
    private final Writeback writeback;

    Mappings(VolumeCore core) {
        this.core = core;
        this.writeback = new Writeback(new EngineDomain(core));
    }

    /** Null if nothing is known of the file's pages. */
    Mapping find(long ino) {
        return byInode.get(LOOKED_FOR.get().set(ino));
    }

    Iterable<Mapping> all() {
        return byInode.values();
    }

    /** The inode's lock is held. */
    Mapping of(long ino) {
        Mapping mapping = find(ino);
        return mapping != null
                ? mapping
                : byInode.computeIfAbsent(new InodeKey().set(ino), key -> new Mapping(ino, Threading.NATIVE, waits));
    }

    /**
     * Makes a range of a file durable, and settles what was reported of it. A store that nobody announced changes the
     * file's times when it is found (D23), before it is durable. On a frozen volume all is durable.
     */
    SyncReport sync(long ino, long start, long end) throws FsException {
        return sync(ino, start, end, () -> false);
    }

    /** As {@link #sync(long, long, long)}; EINTR once {@code cancelled}, which is asked after each 1 GiB. */
    SyncReport sync(long ino, long start, long end, BooleanSupplier cancelled) throws FsException {
        Mapping mapping = find(ino);
        if (mapping == null || !core.gate.enterUnlessAtRest()) {
            return SyncReport.NOTHING;
        }
        try {
            return sync(mapping, start, end, cancelled);
        } finally {
            core.gate.exit();
        }
    }

    /** As {@link #sync(long, long, long)}, for who is inside the gate; what is clean then is forgotten. */
    void settleInside(long ino, long start, long end) throws FsException {
        Mapping mapping = find(ino);
        if (mapping != null) {
            sync(mapping, start, end, () -> false);
            mapping.dropClean(Units.blockOf(start), Units.blocksFor(end));
        }
    }

    private SyncReport sync(Mapping mapping, long start, long end, BooleanSupplier cancelled) throws FsException {
        SyncEvent event = new SyncEvent();
        event.begin();
        long first = Units.blockOf(start);
        long last = end >= Units.MAX_FILE_BYTES ? Mapping.MAX_PAGES : Units.blocksFor(end);
        SyncReport found = SyncReport.committed(findStores(mapping, first, last) ? 1 : 0);
        WrittenRuns written = new WrittenRuns(core.checksums.isKept());
        SyncReport report = found.plus(writeback.flush(mapping, first, last, Clock.seconds(), cancelled, written::add));
        settleChecksums(mapping.ino(), written);
        mapping.settleReported(first, last);
        event.end();
        if (event.shouldCommit()) {
            event.inode = mapping.ino();
            event.scanned = report.scanned();
            event.pages = report.pages();
            event.lines = report.lines();
            event.waits = report.waits();
            event.commit();
        }
        return report;
    }

    private void settleChecksums(long ino, WrittenRuns written) throws FsException {
        if (!written.isEmpty()) {
            long stamp = core.locks.lockShared(ino);
            try {
                written.visit((start, end) -> core.checksums.settle(ino, start, end));
            } finally {
                core.locks.unlock(ino, stamp);
            }
        }
    }

    /** Asks a file's clients what they stored, in all of it: its times are to be told. Nothing, on a frozen volume. */
    void findStores(long ino) throws FsException {
        Mapping mapping = find(ino);
        if (mapping != null && mapping.hasSilentClients() && core.gate.tryEnter()) {
            try {
                findStores(mapping, 0, Mapping.MAX_PAGES);
            } finally {
                core.gate.exit();
            }
        }
    }

    /** As {@link #findStores(long)}, for who is inside the gate. */
    void findStoresInside(long ino) throws FsException {
        Mapping mapping = find(ino);
        if (mapping != null) {
            findStores(mapping, 0, Mapping.MAX_PAGES);
        }
    }

    /** Returns whether there were any: the file's times were changed then. */
    private boolean findStores(Mapping mapping, long first, long last) throws FsException {
        if (!mapping.hasSilentClients()) {
            return false;
        }
        long ino = mapping.ino();
        boolean stored;
        long stamp = core.locks.lockShared(ino);
        try {
            stored = writeback.harvest(mapping, new InodeBlocks(core, ino), first, last, Clock.seconds());
        } finally {
            core.locks.unlock(ino, stamp);
        }
        if (stored) {
            touch(ino);
        }
        return stored;
    }

    private void touch(long ino) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            touchLocked(ino);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    void touchLocked(long ino) throws FsException {
        try (Operation op = core.beginSmall()) {
            VolumeCore.touch(op.tx(), core.inodes.offsetOf(ino), Clock.now());
            op.commit();
        }
    }

    /**
     * Takes the zero pages in a range away from who has them mapped, because blocks are about to take their place, or the
     * file is about to grow over them (D13). The inode's lock is held exclusively, and no transaction is open.
     */
    void unmapHoles(long ino, long start, long end) throws FsException {
        Mapping mapping = find(ino);
        if (mapping == null || !mapping.hasSilentClients()) {
            return;
        }
        Extent extent = new Extent();
        for (long page = start; page < end; page = extent.end()) {
            core.extents.find(core.memory, VolumeCore.rootOf(core.inodes.offsetOf(ino)), ino, page, extent);
            if (!extent.hasData()) {
                for (MappingClient client : mapping.clients()) {
                    client.unmap(page, Math.min(end, extent.end()));
                }
            }
        }
    }

    /** All files, the first error told after the last file (D22). On a frozen volume all is durable. */
    void syncAll() throws FsException {
        if (core.gate.enterUnlessAtRest()) {
            try {
                syncAllInside();
            } finally {
                core.gate.exit();
            }
        }
    }

    /** As {@link #syncAll}, for who is inside the gate, or has closed it. */
    void syncAllInside() throws FsException {
        FsException first = null;
        for (Mapping mapping : byInode.values()) {
            try {
                sync(mapping, 0, Units.MAX_FILE_BYTES, () -> false);
            } catch (FsException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    WritebackStatistics statistics() {
        long dirty = 0;
        for (Mapping mapping : byInode.values()) {
            dirty += mapping.dirtyPages();
        }
        return new WritebackStatistics(
                byInode.size(), dirty, writeback.flushes(), writeback.pagesWritten(), waits.waits(), waits.wakes());
    }

    /** The inode is going away, with its lock held exclusively. */
    void forget(long ino) {
        byInode.remove(LOOKED_FOR.get().set(ino));
    }

    /** Lets go of what costs memory and tells nothing, unless the file is in use this very moment. */
    void forgetIfEmpty(long ino) {
        Mapping mapping = find(ino);
        if (mapping == null || mapping.pendingSince() != Long.MAX_VALUE) {
            return;
        }
        long stamp = core.locks.lockExclusive(ino);
        try {
            mapping.dropClean();
            if (mapping.isEmpty() && !core.holds.isHeld(ino)) {
                byInode.remove(LOOKED_FOR.get().set(ino), mapping);
            }
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    // The layout.

    /** Pages that are only partly in the range keep their blocks, and what is dirty of them. */
    @Override
    public void breakLayout(long ino, long start, long end, Mode mode) throws FsException {
        assert LockOrder.FAULTS.isNext();
        Mapping mapping = find(ino);
        long first = Units.blocksFor(start);
        long last = end == Long.MAX_VALUE ? Mapping.MAX_PAGES : Units.blockOf(end);
        if (mapping == null || first >= last) {
            return;
        }
        LayoutBreakEvent event = new LayoutBreakEvent();
        event.begin();
        // The inode's lock, held exclusively, keeps faults out until the blocks are free.
        mapping.lockFaultsOut();
        try {
            if (mode != Mode.FINAL) {
                flushBeforeBreak(mapping, first, last);
            }
            LayoutBreak.run(mapping, first, last, mode);
        } finally {
            mapping.letFaultsIn();
        }
        event.end();
        if (event.shouldCommit()) {
            event.inode = ino;
            event.firstPage = first;
            event.lastPage = last;
            event.commit();
        }
    }

    /**
     * What comes next may fail and leave the file as it is, when nothing dirty in it must be forgotten ({@code
     * filemap_write_and_wait_range} in every filesystem's punch and zero range). A page that can not be written back is no
     * obstacle, but the way to get rid of it: who syncs hears of it.
     */
    private void flushBeforeBreak(Mapping mapping, long first, long last) {
        try {
            writeback.sync(mapping, new InodeBlocks(core, mapping.ino()), first, last, Clock.seconds(), () -> false);
        } catch (FsException e) {
            mapping.errors().record(e.errno());
        }
    }

    @Override
    public void settleLayout(long ino, boolean kept) {
        Mapping mapping = find(ino);
        if (mapping != null) {
            mapping.clients().forEach(client -> client.settle(kept));
        }
    }

    @Override
    public void switchMode(long ino, Change change) throws FsException {
        assert LockOrder.FAULTS.isNext();
        Mapping mapping = find(ino);
        if (mapping == null) {
            change.run();
            return;
        }
        ModeSwitch.run(mapping, writeback, new InodeBlocks(core, ino), Clock.seconds(), change);
    }
}
