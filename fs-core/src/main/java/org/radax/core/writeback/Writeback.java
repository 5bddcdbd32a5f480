package org.radax.core.writeback;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.radax.core.dax.Blocks;
import org.radax.core.dax.FlushRuns;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.MappingClient;
import org.radax.core.dax.Waits;
import org.radax.core.dax.WritebackBatch;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lock.LockOrder;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.unit.Units;

/**
 * Makes dirty pages durable, exactly those ({@code dax_writeback_mapping_range}). Thread-safe.
 *
 * <p>The order: clients are asked what they stored, and write-protected by that; DIRTY becomes TOWRITE over the range
 * (D05); each page, its entry locked: TOWRITE cleared, write-protected, lines written back, DIRTY cleared (D06); one fence
 * at the end (D26). A page is clean from then on, and other threads that find it so wait for this one's fence.
 */
public final class Writeback {
    /** Pages between two looks at whether to go on: 1 GiB (D26). */
    private static final long CHUNK_PAGES = 1L << (30 - Units.BLOCK_SHIFT);

    private final PersistenceDomain domain;
    private final LongAdder flushes = new LongAdder();
    private final LongAdder pagesWritten = new LongAdder();

    public Writeback(PersistenceDomain domain) {
        this.domain = domain;
    }

    /** Runs of write-backs that a fence ended, so far. */
    public long flushes() {
        return flushes.sum();
    }

    /** Pages of 4 KiB written back so far. */
    public long pagesWritten() {
        return pagesWritten.sum();
    }

    /** {@link #harvest} and {@link #flush}. */
    public SyncReport sync(Mapping mapping, Blocks blocks, long start, long end, long now, BooleanSupplier cancelled)
            throws FsException {
        harvest(mapping, blocks, start, end, now);
        return flush(mapping, start, end, now, cancelled, (from, to) -> {});
    }

    /**
     * Makes durable what is dirty in [start, end), or was when another thread began to write it back.
     *
     * @param cancelled asked between chunks: what was done until then is durable
     * @param written is told the pages that were written back, in order, before they are fenced
     * @throws FsException the first error, also recorded in {@link Mapping#errors}; EINTR if cancelled
     */
    public SyncReport flush(
            Mapping mapping,
            long start,
            long end,
            long now,
            BooleanSupplier cancelled,
            MappingClient.PageVisitor written)
            throws FsException {
        // Even where nothing is dirty: in no transaction (D35).
        assert LockOrder.ENTRY.isNext();
        long waits = Waits.ofThisThread();
        try {
            SyncReport report = SyncReport.NOTHING;
            for (long at = mapping.nextDirty(start, end); at != Mapping.NOWHERE; ) {
                if (cancelled.getAsBoolean()) {
                    throw new FsException(Errno.EINTR, "sync", "cancelled at page " + at);
                }
                long chunkEnd = Math.min(end, at + CHUNK_PAGES);
                mapping.tagForWriteback(at, chunkEnd);
                report = report.plus(flushTagged(mapping, at, chunkEnd, now, written));
                at = mapping.nextDirty(chunkEnd, end);
            }
            mapping.runs().await();
            return report.plus(new SyncReport(0, 0, 0, 0, Waits.ofThisThread() - waits));
        } catch (FsException e) {
            if (e.errno() != Errno.EINTR) {
                mapping.errors().record(e.errno());
            }
            throw e;
        }
    }

    /**
     * Asks the clients that do not say it by themselves what was stored. The inode's lock is held, shared at least.
     *
     * @return whether anything was
     */
    public boolean harvest(Mapping mapping, Blocks blocks, long start, long end, long now) throws FsException {
        assert LockOrder.HARVESTING.take();
        mapping.harvesting().lock();
        try {
            boolean[] stored = {false};
            for (MappingClient client : mapping.clients()) {
                if (!client.announcesStores()) {
                    client.harvest(start, end, (from, to) -> {
                        mapping.noteStores(blocks, from, to, now);
                        stored[0] = true;
                    });
                }
            }
            return stored[0];
        } finally {
            mapping.harvesting().unlock();
            assert LockOrder.HARVESTING.letGo();
        }
    }

    private SyncReport flushTagged(Mapping mapping, long start, long end, long now, MappingClient.PageVisitor written)
            throws FsException {
        long scanned = 0;
        long pages = 0;
        FlushRuns.Run run = mapping.runs().begin();
        try {
            Mapping.LineWriter lines = this::writeBackLines;
            WritebackBatch batch = new WritebackBatch();
            for (long page = start; page != Mapping.NOWHERE; ) {
                page = mapping.writeBack(batch, page, end, lines, now);
                pages += batch.visit(written);
                scanned += batch.entries();
            }
        } finally {
            try {
                fence();
            } finally {
                mapping.runs().end(run);
                flushes.increment();
                pagesWritten.add(pages);
            }
        }
        return new SyncReport(0, scanned, pages, pages * (Units.BLOCK_BYTES / Units.LINE_BYTES), 0);
    }

    private void fence() throws FsException {
        try {
            domain.fence();
        } catch (InternalError e) {
            throw new FsException(Errno.EIO, "writeback", e.getMessage());
        }
    }

    private void writeBackLines(long page, long poolBlock, int blockCount) throws FsException {
        try {
            domain.writeBack(Units.blockToBytes(poolBlock), Units.blockToBytes(blockCount));
        } catch (InternalError e) {
            throw new FsException(Errno.EIO, "writeback", "page " + page + ": " + e.getMessage());
        }
    }
}
