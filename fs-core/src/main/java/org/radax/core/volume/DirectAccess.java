package org.radax.core.volume;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.radax.core.dax.Faults;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.MappingClient;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.event.FaultEvent;
import org.radax.core.extent.Extent;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Units;
import org.radax.core.writeback.SyncReport;

/**
 * Files mapped onto the pool: what serves processes that have them so. Pages and blocks are of 4 KiB. Thread-safe.
 *
 * <p>What is mapped changes only with the inode's lock held exclusively; so a page that is taken away stays away until
 * truncation, punch or deletion has freed its block, and a fault finds the file either before or after.
 */
public final class DirectAccess {
    private final VolumeCore core;
    private final InodeReader reader;
    private final FileData data;
    private final LongConsumer release;
    private final Faults faults = new Faults();

    /** {@code release} gives a hold of an inode back. */
    DirectAccess(VolumeCore core, InodeReader reader, FileData data, LongConsumer release) {
        this.core = core;
        this.reader = reader;
        this.data = data;
        this.release = release;
    }

    /** The pool file, as other processes see it. */
    public record Pool(Path path, long device, long inode, long sizeBytes) {}

    /** Takes runs of a file's pages that have blocks. */
    @FunctionalInterface
    public interface RunVisitor {
        void run(long page, long poolBlock, long count) throws FsException;
    }

    /** A process that has a file mapped. */
    public interface Client extends MappingClient, Faults.PageTable {
        /** Pages that it could store to before stores were tracked; told once. The inode's lock is held exclusively. */
        void takeUntracked(PageVisitor pages) throws FsException;
    }

    /** Something done to a file while nothing else is. */
    @FunctionalInterface
    public interface Action {
        void run() throws FsException;
    }

    /**
     * @throws FsException EOPNOTSUPP for a file that is not in DAX mode; EBUSY while it is open through the page cache;
     *     EROFS on a volume mounted for reading: what it sees is not what is in the pool; EIO after a failure of the journal
     */
    public void requireMappable(long ino) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            requireMappableLocked(ino);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    private void requireMappableLocked(long ino) throws FsException {
        long inode = core.inodes.require(ino);
        core.requireWritable("map");
        if (!reader.isDax(inode, core.modeOf(inode))) {
            throw new FsException(
                    Errno.EOPNOTSUPP, "map", "not a DAX file; switch it with radax dax set, or mount with dax=always");
        }
        if (core.cachedOpens.isHeld(ino)) {
            throw new FsException(Errno.EBUSY, "map", "the file is open since before it was switched to DAX mode");
        }
    }

    /** The generation of an inode in use. */
    public int generation(long ino) throws FsException {
        return core.memory.getInt(core.inodes.require(ino) + InodeLayout.GENERATION);
    }

    /** A client that has nothing mapped yet; the inode stays until {@link #detach}. ESTALE if it is another file now. */
    public void attach(long ino, int generation, MappingClient client) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            requireMappableLocked(ino);
            long inode = core.inodes.require(ino);
            boolean isGone = core.memory.getInt(inode + InodeLayout.LINK_COUNT) == 0 && !core.holds.isHeld(ino);
            if (generation(ino) != generation || isGone) {
                throw new FsException(Errno.ESTALE, "map", "the file was closed and removed");
            }
            core.holds.add(ino, Holds.OPEN);
            core.mappings.of(ino).addClient(client);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /** It has nothing mapped any more, and what it stored has been asked for. */
    public void detach(long ino, MappingClient client) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            core.mappings.of(ino).removeClient(client);
        } finally {
            core.locks.unlock(ino, stamp);
        }
        release.accept(ino);
    }

    /** Runs something with the inode's lock held exclusively. */
    public void exclusively(long ino, Action action) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            action.run();
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /** The runs that have data in a range of pages inside the file's end. The inode's lock is held. */
    public void visitData(long ino, long start, long end, RunVisitor visitor) throws FsException {
        long inode = core.inodes.offsetOf(ino);
        long stop = Math.min(end, pageCount(ino));
        Extent extent = new Extent();
        for (long page = start; page < stop; page = extent.end()) {
            core.extents.find(core.memory, VolumeCore.rootOf(inode), ino, page, extent);
            if (extent.hasData()) {
                visitor.run(page, extent.poolBlock(), Math.min(extent.end(), stop) - page);
            }
        }
    }

    /** Pages up to the end of the file. Its lock is held. */
    public long pageCount(long ino) {
        return Units.blocksFor(core.memory.getLong(core.inodes.offsetOf(ino) + InodeLayout.SIZE));
    }

    /**
     * A page that a client has not mapped is touched: maps it, and for a store gives it a block first.
     *
     * @return false if it has to wait: the volume is frozen, and it is no load from a hole
     * @throws FsException ENXIO beyond the end of the file; ENOSPC
     */
    public boolean touch(long ino, Client client, long page, boolean store) throws FsException {
        FaultEvent event = new FaultEvent();
        event.begin();
        boolean isInside = core.gate.tryEnter();
        try {
            return touchPage(ino, client, page, store, isInside);
        } finally {
            if (isInside) {
                core.gate.exit();
            }
            event.end();
            if (event.shouldCommit()) {
                event.inode = ino;
                event.page = page;
                event.store = store;
                event.commit();
            }
        }
    }

    private boolean touchPage(long ino, Client client, long page, boolean store, boolean isInside) throws FsException {
        long stamp = core.locks.lockExclusive(ino);
        try {
            if (store) {
                core.requireWritable("map");
            }
            if (page >= pageCount(ino)) {
                throw new FsException(Errno.ENXIO, "map", "page " + page + " is beyond the file's end");
            }
            Mapping mapping = core.mappings.of(ino);
            FaultedBlocks blocks = new FaultedBlocks(core, data, ino);
            if (!isInside && (store || blocks.find(page) != FaultedBlocks.HOLE)) {
                // A block that is mapped now could be stored to before its stores are held up.
                return false;
            }
            faults.touch(mapping, blocks, client, page, store, Clock.seconds());
            client.takeUntracked((start, end) -> mapping.noteStores(blocks, start, end, Clock.seconds()));
            if (blocks.find(page) == FaultedBlocks.HOLE) {
                // What is mapped there is known to the clients: whoever fills it asks them, and not the index.
                mapping.delete(page, page + 1);
            }
            return true;
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /** Before blocks are mapped where they can be stored to untold. The inode's lock is held exclusively. */
    public void expectStores(long poolBlock, long count) {
        core.checksums.forgetInPlace(Units.blockToBytes(poolBlock), Units.blockToBytes(count));
    }

    /**
     * Something begins that changes what a client has mapped, or notes what it stored: waits while the volume is frozen.
     * Each wants an {@link #endChange}.
     */
    public void awaitChange() throws FsException {
        core.gate.enter(() -> false);
    }

    public void endChange() {
        core.gate.exit();
    }

    /**
     * Asks all clients of a file what they stored: it is dirty from then on, and the file's times say so. Between
     * {@link #awaitChange} and {@link #endChange}.
     */
    public void findStores(long ino) throws FsException {
        core.mappings.findStoresInside(ino);
    }

    /**
     * Asks as {@link #findStores} does, and makes durable what was stored in a range of bytes, without a memory of it: for
     * ranges that are too many for the index. Between {@link #awaitChange} and {@link #endChange}.
     */
    public void settle(long ino, long start, long end) throws FsException {
        core.mappings.settleInside(ino, start, end);
    }

    /** fsync(2) of a range of bytes. */
    public SyncReport sync(long ino, long start, long end) throws FsException {
        if (core.journal.failure() != null) {
            throw new FsException(Errno.EIO, "sync", core.journal.failure());
        }
        return core.mappings.sync(ino, start, end);
    }

    /** Blocks that a client does not let go of: not to be given out, once they are free, before {@link #endQuarantine}. */
    public void quarantine(Object client, long poolBlock, long count) {
        core.allocator.quarantine(client, poolBlock, count);
    }

    /** The client is gone. */
    public void endQuarantine(Object client) throws FsException {
        core.allocator.endQuarantine(client);
    }

    public Faults.Counts faults() {
        return faults.counts();
    }
}
