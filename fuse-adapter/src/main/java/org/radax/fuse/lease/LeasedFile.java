package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.PageScan;
import org.radax.core.os.Scarcity;
import org.radax.core.unit.Units;
import org.radax.core.volume.DirectAccess;
import org.radax.core.writeback.SyncReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that one process has mapped, in any number of regions. Thread-safe.
 *
 * <p>Locks, in this order: the inode's, harvesting, an entry's (core.dax), this object's monitor, the arena's. What is shown
 * changes with the inode's lock held exclusively.
 *
 * <p>Pages are tracked by the client's page tables, which tell a store when they are asked ({@code PAGEMAP_SCAN}). They
 * forget when a page is unmapped: that happens to blocks that are about to be freed, and to regions that are given up,
 * whose stores are asked for before.
 */
final class LeasedFile implements DirectAccess.Client {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedFile.class);

    /** A fault shows what the file has in the aligned 2 MiB around it. */
    private static final long WINDOW_PAGES = Units.RUN_BYTES / Units.BLOCK_BYTES;

    /** Zeroes shown at once to who reads a hole. */
    private static final long ZERO_PAGES = 16;

    /** A process has at most 65,530 mappings (vm.max_map_count), and has others too. */
    private static final int MOST_PIECES = 60_000;

    /** What a process may have stored to is noted page by page when it is gone, if that is not more. */
    private static final long FEW_PAGES = 1 << 18;

    /** Otherwise it is made durable in parts of 64 MiB. */
    private static final long PART_PAGES = 1 << 14;

    private final DirectAccess direct;
    private final Arena arena;
    private final Allowance allowance;
    private final long ino;
    private final boolean writable;

    @GuardedBy("this")
    private final List<Region> regions = new ArrayList<>();

    @GuardedBy("this")
    private final List<long[]> untracked = new ArrayList<>();

    /** Pages that were taken out of sight for a change of the layout that may fail yet. */
    @GuardedBy("this")
    private final List<long[]> withdrawn = new ArrayList<>();

    @GuardedBy("this")
    private boolean isAbandoned;

    /** Pages stored to that nobody was told of yet: they stay until whoever harvests has noted them. */
    @GuardedBy("itself")
    private final List<long[]> stored = new ArrayList<>();

    /** The one that has just asked, and needs not ask again for these pages. */
    private volatile Asked asked = new Asked(null, 0, 0);

    private record Asked(Thread by, long start, long end) {
        boolean covers(long from, long to) {
            return by == Thread.currentThread() && from >= start && to <= end;
        }
    }

    LeasedFile(DirectAccess direct, Arena arena, Allowance allowance, long ino, boolean writable) {
        this.direct = direct;
        this.arena = arena;
        this.allowance = allowance;
        this.ino = ino;
        this.writable = writable;
    }

    long ino() {
        return ino;
    }

    boolean writable() {
        return writable;
    }

    synchronized List<Region> regions() {
        return List.copyOf(regions);
    }

    synchronized boolean has(Region region) {
        return regions.contains(region);
    }

    synchronized boolean isAbandoned() {
        return isAbandoned;
    }

    // Regions.

    /** Maps a range of pages; what lies beyond the end of the file is there once that grows. */
    Region map(long address, long first, long last, boolean forStores) throws FsException {
        if (forStores && !writable) {
            throw new FsException(Errno.EACCES, "map", "the file was not opened for writing");
        }
        Region region = new Region(this, address, first, last, forStores);
        direct.exclusively(ino, () -> {
            boolean done = false;
            arena.begin();
            try {
                add(region);
                arena.showHole(address, region.lengthBytes(), forStores);
                // Nobody knows of the address yet: nothing was stored untracked.
                showBlocks(region, first, last, false);
                done = true;
            } finally {
                if (!done) {
                    forget(region);
                }
            }
        });
        return region;
    }

    private synchronized void add(Region region) throws FsException {
        allowance.take(1);
        regions.add(region);
    }

    private synchronized void remove(Region region) {
        if (regions.remove(region)) {
            allowance.adjust(-1 - region.pieceCount());
        }
    }

    /** It could not be mapped, or not all of it. */
    private synchronized void forget(Region region) {
        try {
            unmap(region, region.first, region.last);
        } catch (FsException | RuntimeException | Error e) {
            giveUp(e);
        }
        // Nobody knew of its address: nothing was stored there.
        withdrawn.clear();
        remove(region);
    }

    /** What was stored through the region is dirty, and it is gone when this returns. */
    void unmap(Region region) throws FsException {
        try {
            direct.findStores(ino);
        } finally {
            direct.exclusively(ino, () -> {
                arena.begin();
                arena.showHole(region.address, region.lengthBytes(), region.writable);
                remove(region);
            });
        }
    }

    /**
     * Makes a range of bytes durable, for this client, by the thread that serves it: which asks for the stores before it
     * has any lock, and so by itself. Others who harvest the file meanwhile hear of what it has found.
     */
    SyncReport sync(long start, long end) throws FsException {
        long first = Units.blockOf(start);
        long last = Units.blocksFor(end);
        for (Asking range : rangesForStores(first, last)) {
            arena.takeWrittenHere(range.address(), range.lengthBytes(), noting(range.region()));
        }
        asked = new Asked(Thread.currentThread(), first, last);
        try {
            return direct.sync(ino, start, end);
        } finally {
            asked = new Asked(null, 0, 0);
        }
    }

    private record Asking(Region region, long address, long lengthBytes) {}

    private synchronized List<Asking> rangesForStores(long start, long end) {
        List<Asking> ranges = new ArrayList<>();
        for (Region region : regions) {
            long from = Math.max(start, region.first);
            long to = Math.min(end, region.last);
            if (region.writable && from < to) {
                for (long[] run : region.shown(from, to)) {
                    ranges.add(new Asking(region, region.addressOf(run[0]), Units.blockToBytes(run[1] - run[0])));
                }
            }
        }
        return ranges;
    }

    /** Whether a store to any of these pages was refused. */
    synchronized boolean hasRefused(long start, long end) {
        return regions.stream().anyMatch(region -> region.isPoisoned(start, end));
    }

    /** Pages that had no block or were beyond the end are to be tried again. Keeps others out of the file. */
    void forgive(long start, long end) throws FsException {
        direct.exclusively(ino, () -> {
            arena.begin();
            dropPoison(start, end);
        });
    }

    private synchronized void dropPoison(long start, long end) throws FsException {
        for (Region region : regions) {
            for (long page : region.takePoisoned(start, end)) {
                arena.showHole(region.addressOf(page), Units.BLOCK_BYTES, region.writable);
            }
        }
    }

    /**
     * The process is gone, or can not be trusted to have let go: whatever it could store to is dirty, and what it may
     * still have mapped is in quarantine until {@link #bury}. Between the same two as {@link DirectAccess#findStores}.
     */
    void abandon() throws FsException {
        try {
            direct.exclusively(ino, this::keepBack);
        } finally {
            tellStored();
            direct.detach(ino, this);
        }
    }

    private synchronized void keepBack() throws FsException {
        quarantineAll();
        eachRunForStores((region, run) -> noteStored(run[0], run[1]));
        List.copyOf(regions).forEach(this::remove);
    }

    /** Nobody can ask any more once this is detached. One entry of the index for each page could be more than there is memory for. */
    private void tellStored() {
        long pages = storedPages();
        boolean isNothing = pages == 0 && !isMapping();
        if (isNothing || (pages <= FEW_PAGES && told(() -> direct.findStores(ino)))) {
            return;
        }
        for (long at = nextStored(0); at < Long.MAX_VALUE; ) {
            long start = at;
            long end = start - start % PART_PAGES + PART_PAGES;
            told(() -> direct.settle(ino, Units.blockToBytes(start), Units.blockToBytes(end)));
            at = nextStored(end);
        }
    }

    private boolean told(DirectAccess.Action telling) {
        try {
            telling.run();
            return true;
        } catch (FsException | RuntimeException | Error e) {
            Scarcity.survive(
                    LOG, "stores", () -> arena.complain("inode " + ino + ": stores of a process that is gone: " + e));
            return false;
        }
    }

    private long storedPages() {
        synchronized (stored) {
            return stored.stream().mapToLong(run -> run[1] - run[0]).sum();
        }
    }

    /** The first page from there on, or {@link Long#MAX_VALUE}. */
    private long nextStored(long from) {
        synchronized (stored) {
            return stored.stream()
                    .filter(run -> run[1] > from)
                    .mapToLong(run -> Math.max(from, run[0]))
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
    }

    @GuardedBy("this")
    private void quarantineAll() {
        if (!isAbandoned) {
            isAbandoned = true;
            for (Region region : regions) {
                for (Region.Piece piece : region.within(region.first, region.last)) {
                    direct.quarantine(this, piece.poolBlock(), piece.count());
                }
            }
        }
    }

    /** The process has nothing mapped any more. */
    void bury() throws FsException {
        direct.endQuarantine(this);
    }

    // Frozen volumes.

    /**
     * Holds up every store. Which were made between the last time that they were asked for and this moment nobody knows:
     * what the process has ever touched counts as stored to.
     */
    void freeze() throws FsException {
        if (isAbandoned()) {
            throw new FsException(Errno.EBUSY, "map", "it does not let go of what was taken back");
        }
        direct.exclusively(ino, () -> {
            arena.begin();
            synchronized (this) {
                eachRunForStores((region, run) -> arena.holdStores(
                        region.addressOf(run[0]), Units.blockToBytes(run[1] - run[0]), noting(region)));
            }
        });
    }

    /** Stores go on. Those between two steps of this count as made: see {@link #freeze}. */
    void thaw() throws FsException {
        direct.exclusively(ino, () -> {
            arena.begin();
            synchronized (this) {
                eachRunForStores((region, run) -> arena.letStoresGo(
                        region.addressOf(run[0]), Units.blockToBytes(run[1] - run[0]), noting(region)));
            }
        });
    }

    @FunctionalInterface
    private interface RunAction {
        void run(Region region, long[] pages) throws FsException;
    }

    @GuardedBy("this")
    private void eachRunForStores(RunAction action) throws FsException {
        for (Region region : regions) {
            if (region.writable) {
                for (long[] run : region.shown(region.first, region.last)) {
                    action.run(region, run);
                }
            }
        }
    }

    // Faults.

    /** Serves who touched a page of a region that shows nothing there, or stored where there are only zeroes. */
    void serve(Region region, long page, boolean store) {
        arena.begin();
        boolean isWaiting = false;
        try {
            // Until the thaw, which wakes it.
            isWaiting = !direct.touch(ino, this, page, store);
        } catch (FsException e) {
            if (e.errno() != Errno.ENXIO) {
                arena.complain("inode " + ino + ", page " + page + ": SIGBUS for a client: " + e.getMessage());
            }
            refuse(region, page);
        } catch (InternalError | OutOfMemoryError | RuntimeException e) {
            // A page of the pool is bad, or there is no memory; this thread serves the process's other faults.
            refuse(region, page);
            arena.complain("inode " + ino + ", page " + page + ": SIGBUS for a client: " + e);
        } finally {
            if (!isWaiting) {
                arena.wake(region.addressOf(page), Units.BLOCK_BYTES);
            }
        }
    }

    /** Unless it was given a block meanwhile, by somebody else's write. */
    private synchronized void refuse(Region region, long page) {
        if (!region.shows(page)) {
            arena.poison(region.addressOf(page), region.writable);
            region.poison(page);
        }
    }

    @Override
    public synchronized void map(long page, long poolBlock, int pages, boolean forStores) throws FsException {
        for (Region region : regions) {
            if (page < region.first || page >= region.last) {
                continue;
            }
            if (poolBlock >= 0) {
                long start = Math.max(region.first, page - page % WINDOW_PAGES);
                showBlocks(region, start, Math.min(region.last, start + WINDOW_PAGES), true);
            } else {
                showZeroes(region, page);
            }
        }
    }

    private void showZeroes(Region region, long page) throws FsException {
        long end = Math.min(region.last, page + ZERO_PAGES);
        long[] stop = {end};
        direct.visitData(ino, page, end, (start, block, count) -> stop[0] = Math.min(stop[0], start));
        long inside = Math.min(stop[0], direct.pageCount(ino));
        arena.showZeroes(region.addressOf(page), Units.blockToBytes(inside - page));
    }

    /** Shows the blocks of a range that are not shown yet. */
    private synchronized void showBlocks(Region region, long start, long end, boolean known) throws FsException {
        List<Region.Piece> parts = new ArrayList<>();
        direct.visitData(ino, start, end, (page, block, count) -> parts.addAll(region.missing(page, block, count)));
        if (region.pieceCount() + parts.size() > MOST_PIECES) {
            throw new FsException(
                    Errno.ENOMEM, "map", "the file is too fragmented: more than " + MOST_PIECES + " pieces");
        }
        allowance.take(parts.size());
        int before = region.pieceCount();
        try {
            showAll(region, parts, known);
        } finally {
            allowance.adjust(region.pieceCount() - before - parts.size());
        }
        if (region.writable) {
            track(region, parts, known);
        }
    }

    /** What may be mapped is recorded, from before it is ordered until it is known not to be. */
    @GuardedBy("this")
    private void showAll(Region region, List<Region.Piece> parts, boolean known) throws FsException {
        boolean[] mapped = new boolean[parts.size()];
        boolean done = false;
        try {
            parts.forEach(region::show);
            for (int i = 0; i < mapped.length; i++) {
                Region.Piece part = parts.get(i);
                if (region.writable) {
                    direct.expectStores(part.poolBlock(), part.count());
                }
                int number = i;
                arena.showPool(
                        region.addressOf(part.start()),
                        Units.blockToBytes(part.count()),
                        region.writable,
                        Units.blockToBytes(part.poolBlock()),
                        () -> mapped[number] = true);
            }
            arena.await();
            done = true;
        } finally {
            if (!done) {
                takeBack(region, parts, mapped, known);
            }
        }
    }

    /**
     * Of parts that could not all be mapped, those that were. The others are holes still, and are not ordered again: a process
     * at its limit of mappings can replace some exactly, and split none.
     */
    @GuardedBy("this")
    private void takeBack(Region region, List<Region.Piece> parts, boolean[] mapped, boolean known) {
        try {
            arena.settle();
            for (int i = 0; i < mapped.length; ) {
                long from = parts.get(i).start();
                long to = from;
                for (; i < mapped.length && mapped[i] && parts.get(i).start() == to; i++) {
                    to = parts.get(i).end();
                }
                if (from == to) {
                    to = parts.get(i++).end();
                } else {
                    arena.showHole(region.addressOf(from), Units.blockToBytes(to - from), region.writable);
                    if (region.writable && known) {
                        // Other threads of the process had it in sight.
                        noteStored(from, to);
                    }
                }
                region.hide(from, to);
            }
        } catch (FsException | RuntimeException | Error e) {
            giveUp(e);
        }
    }

    @GuardedBy("this")
    private void hide(Region region, long start, long end) {
        int before = region.pieceCount();
        region.hide(start, end);
        allowance.adjust(region.pieceCount() - before);
    }

    @GuardedBy("this")
    private void track(Region region, List<Region.Piece> parts, boolean known) throws FsException {
        List<long[]> touched = untracked;
        for (int i = 0; i < parts.size(); ) {
            long from = parts.get(i).start();
            long to = from;
            for (; i < parts.size() && parts.get(i).start() == to; i++) {
                to = parts.get(i).end();
            }
            boolean done = false;
            try {
                arena.track(
                        region.addressOf(from),
                        Units.blockToBytes(to - from),
                        known ? (a, b) -> touched.add(new long[] {region.pageAt(a), region.pageAt(b)}) : null);
                done = true;
            } finally {
                if (!done && known) {
                    noteStored(from, to);
                }
            }
        }
    }

    @Override
    public void takeUntracked(PageVisitor pages) throws FsException {
        List<long[]> taken;
        synchronized (this) {
            taken = List.copyOf(untracked);
            untracked.clear();
        }
        for (long[] run : taken) {
            pages.pages(run[0], run[1]);
        }
    }

    // The mapping's client.

    @Override
    public boolean announcesStores() {
        return false;
    }

    @Override
    public void harvest(long start, long end, PageVisitor written) throws FsException {
        if (!asked.covers(start, end)) {
            ask(start, end);
        }
        // Outside the monitor: who is told locks entries, and a fault has its entry's lock before this monitor.
        List<long[]> runs = takeStored(start, end);
        int told = 0;
        try {
            for (; told < runs.size(); told++) {
                written.pages(runs.get(told)[0], runs.get(told)[1]);
            }
        } finally {
            putBack(runs, told);
        }
    }

    private synchronized void ask(long start, long end) {
        arena.begin();
        for (Asking range : rangesForStores(start, end)) {
            arena.takeWritten(range.address(), range.lengthBytes(), noting(range.region()));
        }
    }

    private PageScan.Visitor noting(Region region) {
        return (start, end) -> noteStored(region.pageAt(start), region.pageAt(end));
    }

    private void noteStored(long start, long end) {
        synchronized (stored) {
            stored.add(new long[] {start, end});
        }
    }

    /** What is known of these pages; what is known of others stays. */
    private List<long[]> takeStored(long start, long end) {
        List<long[]> taken = new ArrayList<>();
        synchronized (stored) {
            List<long[]> left = new ArrayList<>();
            for (long[] run : stored) {
                addUnlessEmpty(left, run[0], Math.min(run[1], start));
                addUnlessEmpty(taken, Math.max(run[0], start), Math.min(run[1], end));
                addUnlessEmpty(left, Math.max(run[0], end), run[1]);
            }
            // If memory runs out before this some are told twice, and none is lost.
            int before = stored.size();
            stored.addAll(left);
            stored.subList(0, before).clear();
        }
        return taken;
    }

    private void putBack(List<long[]> runs, int first) {
        synchronized (stored) {
            for (int i = first; i < runs.size(); i++) {
                stored.add(runs.get(i));
            }
        }
    }

    private static void addUnlessEmpty(List<long[]> runs, long start, long end) {
        if (start < end) {
            runs.add(new long[] {start, end});
        }
    }

    /**
     * A client that does not let go, or not in time, loses all it has, and its blocks are in quarantine until it is gone:
     * the truncation or write that is under way is somebody else's, and goes on.
     */
    @Override
    public synchronized void unmap(long start, long end) {
        arena.begin();
        try {
            for (Region region : regions) {
                long from = Math.max(start, region.first);
                long to = Math.min(end, region.last);
                if (from < to) {
                    unmap(region, from, to);
                }
            }
        } catch (FsException e) {
            giveUp(e);
        }
    }

    /** Which of the pages were stored to right before, nobody knows any more: all of them count. */
    @Override
    public synchronized void settle(boolean kept) {
        if (kept) {
            withdrawn.forEach(run -> noteStored(run[0], run[1]));
        }
        withdrawn.clear();
    }

    @GuardedBy("this")
    private void giveUp(Throwable why) {
        arena.give();
        quarantineAll();
        arena.complain("inode " + ino + ": " + why.getMessage() + "; what it has mapped is kept out of use");
    }

    @GuardedBy("this")
    private void unmap(Region region, long from, long to) throws FsException {
        for (long[] run : region.shown(from, to)) {
            if (region.writable) {
                withdrawn.add(run);
            }
            arena.showHole(region.addressOf(run[0]), Units.blockToBytes(run[1] - run[0]), region.writable);
            hide(region, run[0], run[1]);
        }
        arena.dropZeroes(region.addressOf(from), Units.blockToBytes(to - from));
        for (long page : region.takePoisoned(from, to)) {
            arena.showHole(region.addressOf(page), Units.BLOCK_BYTES, region.writable);
        }
    }

    /** What is unmapped is gone: nothing is pinned without being mapped. */
    @Override
    public boolean awaitIdle(long start, long end, boolean wait) {
        return true;
    }

    @Override
    public synchronized void poison(long start, long end) throws FsException {
        arena.begin();
        for (Region region : regions) {
            for (long page = Math.max(start, region.first); page < Math.min(end, region.last); page++) {
                arena.poison(region.addressOf(page), region.writable);
                hide(region, page, page + 1);
                region.poison(page);
            }
        }
    }

    @Override
    public synchronized boolean isMapping() {
        return !regions.isEmpty();
    }
}
