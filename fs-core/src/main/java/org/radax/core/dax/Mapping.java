package org.radax.core.dax;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lock.LockOrder;

/**
 * What is known of a file's mapped pages: the index with its entry locks, and the clients (the kernel's
 * {@code address_space}). Thread-safe.
 *
 * <p>Locks, in this order: the inode's, the lock-out of faults, {@link #harvesting}, an entry's, the tree's. The tree lock guards the index
 * alone and is never held over a wait; an entry's lock is a bit in the index that stands for the page lock (D09).
 */
public final class Mapping {
    /** Page numbers are below this. */
    public static final long MAX_PAGES = PageIndex.MAX_PAGES;

    /** Where {@link #nextDirty} finds nothing. */
    public static final long NOWHERE = PageIndex.NOWHERE;

    /** {@link #lock} of a huge entry found small ones in its place: fall back to 4 KiB. */
    static final long CONFLICT = 2;

    private final long ino;
    private final Threading threading;
    private final WaitTable waits;
    private final RaceSwitch race;
    private final PageIndex index = new PageIndex();
    private final Threading.Mutex tree;
    private final Threading.SharedMutex invalidation;
    private final Threading.Mutex harvesting;
    private final List<MappingClient> clients = new CopyOnWriteArrayList<>();
    private final ErrorSequence errors = new ErrorSequence();
    private final FlushRuns runs;
    /** Seconds since 1970 of the first page that became dirty or reported since none was; 0: none is. */
    private long pendingSince;

    public Mapping(long ino, Threading threading, WaitTable waits) {
        this(ino, threading, waits, RaceSwitch.NONE);
    }

    Mapping(long ino, Threading threading, WaitTable waits, RaceSwitch race) {
        this.ino = ino;
        this.threading = threading;
        this.waits = waits;
        this.race = race;
        this.tree = threading.mutex();
        this.invalidation = threading.sharedMutex();
        this.harvesting = threading.mutex();
        this.runs = new FlushRuns(threading, race);
    }

    public long ino() {
        return ino;
    }

    /** The write-backs of this file that are under way. */
    public FlushRuns runs() {
        return runs;
    }

    public ErrorSequence errors() {
        return errors;
    }

    /** A fault begins; it waits while pages are being taken away (D32). */
    void beginFault() {
        assert LockOrder.FAULTS.take();
        invalidation.lockShared();
    }

    void endFault() {
        invalidation.unlockShared();
        assert LockOrder.FAULTS.letGo();
    }

    /** For whoever takes pages away, until their blocks are free, so that none come back meanwhile (D32, D33). */
    public void lockFaultsOut() {
        if (!has(RaceSwitch.FAULTS_NOT_LOCKED_OUT)) {
            assert LockOrder.FAULTS.take();
            invalidation.lockExclusive();
        }
    }

    public void letFaultsIn() {
        if (!has(RaceSwitch.FAULTS_NOT_LOCKED_OUT)) {
            invalidation.unlockExclusive();
            assert LockOrder.FAULTS.letGo();
        }
    }

    public void addClient(MappingClient client) {
        clients.add(client);
    }

    public void removeClient(MappingClient client) {
        clients.remove(client);
    }

    /** Whether some client must be asked what it stored. */
    public boolean hasSilentClients() {
        for (int i = 0; i < clients.size(); i++) {
            if (!clients.get(i).announcesStores()) {
                return true;
            }
        }
        return false;
    }

    public List<MappingClient> clients() {
        return clients;
    }

    Threading threading() {
        return threading;
    }

    boolean has(RaceSwitch bug) {
        return race == bug;
    }

    // Entry locks.

    /**
     * Waits until the entry that stands for a page is not locked (the kernel's {@code get_next_unlocked_entry}). The
     * tree lock is held, and was let go meanwhile: what was known of the index before is stale.
     *
     * @param huge whether 2 MiB are wanted
     * @return the entry; NONE; or CONFLICT if smaller ones are in the place of a huge one
     */
    private long awaitUnlocked(long page, boolean huge) {
        assert LockOrder.ENTRY.isNext();
        while (true) {
            long entry = index.get(page);
            if (huge && !Entry.is(entry, Entry.HUGE) && hasSmall(page)) {
                return CONFLICT;
            }
            if (!Entry.is(entry, Entry.LOCKED) || has(RaceSwitch.LOCK_WITHOUT_WAITING)) {
                return entry;
            }
            WaitTable.Waiter waiter;
            try {
                waiter = waits.enqueue(this, Entry.first(entry, page));
            } finally {
                // Also where there is no memory for one more who waits.
                tree.unlock();
            }
            waiter.await();
            tree.lock();
        }
    }

    private boolean hasSmall(long page) {
        long first = page & -Entry.HUGE_PAGES;
        return index.next(first, first + Entry.HUGE_PAGES) != PageIndex.NOWHERE;
    }

    /** Whoever was woken for an entry and does not lock it, wakes the next in line (D11). */
    private void passOn(long entry, long page) {
        if (entry != Entry.NONE && entry != CONFLICT && !has(RaceSwitch.WAKE_KEPT)) {
            waits.wake(this, Entry.first(entry, page), false);
        }
    }

    private long lockInPlace(long page, long entry) {
        long locked = Entry.locked(entry, Thread.currentThread().getId());
        index.put(Entry.first(entry, page), locked);
        assert LockOrder.ENTRY.take();
        return locked;
    }

    /**
     * Locks the entry for a page; where there is none, makes an empty one (D09; {@code grab_mapping_entry}). A hole or
     * an empty entry of 2 MiB makes way for one of 4 KiB.
     *
     * @return the entry, locked; CONFLICT, nothing locked, if 2 MiB are wanted and 4 KiB are there
     */
    long lock(long page, boolean huge) throws FsException {
        while (true) {
            tree.lock();
            long entry = awaitUnlocked(page, huge);
            if (entry == CONFLICT) {
                tree.unlock();
                return CONFLICT;
            }
            if (!huge && Entry.is(entry, Entry.HUGE) && Entry.is(entry, Entry.HOLE | Entry.EMPTY)) {
                downgrade(page, entry);
                continue;
            }
            if (entry != Entry.NONE) {
                long locked = lockInPlace(page, entry);
                tree.unlock();
                threading.step();
                return locked;
            }
            long made = Entry.locked(
                    Entry.of(0, Entry.EMPTY | (huge ? Entry.HUGE : 0)),
                    Thread.currentThread().getId());
            if (index.put(huge ? page & -Entry.HUGE_PAGES : page, made)) {
                assert LockOrder.ENTRY.take();
                tree.unlock();
                threading.step();
                return made;
            }
            supplyIndex();
        }
    }

    /** Adds memory: the tree lock is held, and let go for it; look again afterwards (D14). */
    private void supplyIndex() {
        tree.unlock();
        threading.step();
        long[] slab = index.newSlab();
        tree.lock();
        try {
            index.supply(slab);
        } finally {
            tree.unlock();
        }
    }

    /** Takes a huge hole away, for small entries to come. The tree lock is held, and let go. */
    private void downgrade(long page, long entry) throws FsException {
        long first = Entry.first(entry, page);
        lockInPlace(page, entry);
        tree.unlock();
        if (Entry.is(entry, Entry.HOLE)) {
            // The zero page was mapped: all 2 MiB of it.
            for (MappingClient client : clients) {
                client.unmap(first, first + Entry.HUGE_PAGES);
            }
        }
        tree.lock();
        index.remove(first);
        tree.unlock();
        assert LockOrder.ENTRY.letGo();
        // They wait for an entry that is gone: each looks again (D12).
        if (!has(RaceSwitch.REPLACE_WITHOUT_WAKE)) {
            waits.wake(this, first, true);
        }
    }

    /** Unlocks, and wakes the first in line. An entry that is empty still is taken away. */
    void unlock(long page) {
        tree.lock();
        unlockInPlace(page);
    }

    /** The tree lock is held, and let go. */
    private void unlockInPlace(long page) {
        long entry = release(page);
        tree.unlock();
        waits.wake(this, Entry.first(entry, page), Entry.is(entry, Entry.EMPTY));
    }

    /** Unlocks, and wakes nobody; returns the entry as it was. The tree lock is held. */
    private long release(long page) {
        assert LockOrder.ENTRY.letGo();
        long entry = index.get(page);
        if (!Entry.is(entry, Entry.LOCKED)) {
            tree.unlock();
            throw new IllegalStateException("inode " + ino + ", page " + page + ": its entry's lock is gone");
        }
        long first = Entry.first(entry, page);
        if (Entry.is(entry, Entry.EMPTY)) {
            index.remove(first);
        } else {
            index.put(first, Entry.unlocked(entry));
        }
        return entry;
    }

    /**
     * Puts what a fault found in the place of the locked entry; it stays locked. A hole's zero page is unmapped
     * everywhere before a block takes its place (D13; {@code dax_insert_entry}).
     *
     * @param block the pool's, or −1 for a hole
     */
    void insert(long page, long locked, long block, boolean dirty, long now) throws FsException {
        if (Entry.is(locked, Entry.HOLE) && block >= 0) {
            long first = Entry.first(locked, page);
            for (MappingClient client : clients) {
                client.unmap(first, first + Entry.pages(locked));
            }
        }
        tree.lock();
        if (Entry.is(locked, Entry.HOLE | Entry.EMPTY)) {
            long size = locked & Entry.HUGE;
            long entry = block >= 0 ? Entry.of(block, size) : Entry.of(0, size | Entry.HOLE);
            index.put(
                    Entry.first(locked, page),
                    Entry.locked(entry, Thread.currentThread().getId()));
        }
        if (dirty) {
            tag(page, PageIndex.DIRTY, now);
        }
        tree.unlock();
        threading.step();
    }

    /**
     * The first store to a page that is mapped already: its entry must be there (D02; {@code dax_insert_pfn_mkwrite}).
     *
     * @param dirty false: no tag, whoever stores writes back by itself (D25)
     * @return the entry, locked and tagged; or NONE: it has been taken away, begin the fault again
     */
    long lockForStore(long page, boolean dirty, long now) {
        tree.lock();
        if (has(RaceSwitch.TAG_WITHOUT_LOCK)) {
            index.setTag(page, PageIndex.DIRTY, now);
            long entry = index.get(page);
            tree.unlock();
            threading.step();
            return entry;
        }
        long entry = awaitUnlocked(page, false);
        if (entry == Entry.NONE || Entry.is(entry, Entry.HOLE | Entry.EMPTY)) {
            tree.unlock();
            passOn(entry, page);
            return Entry.NONE;
        }
        if (dirty) {
            tag(page, PageIndex.DIRTY, now);
        }
        long locked = lockInPlace(page, entry);
        tree.unlock();
        threading.step();
        return locked;
    }

    /** The tree lock is held. */
    private void tag(long page, int tag, long now) {
        index.setTag(page, tag, now);
        if (pendingSince == 0) {
            pendingSince = now;
        }
    }

    /** Since when something has been dirty or reported, in seconds since 1970; {@link Long#MAX_VALUE}: nothing is. */
    public long pendingSince() {
        tree.lock();
        try {
            return pendingSince == 0 ? Long.MAX_VALUE : pendingSince;
        } finally {
            tree.unlock();
        }
    }

    /** After {@link #lockForStore}. */
    void unlockAfterStore(long page) {
        if (!has(RaceSwitch.TAG_WITHOUT_LOCK)) {
            unlock(page);
        }
    }

    // Writeback.

    /**
     * Notes stores that nobody announced: a client's harvest tells of them. The inode's lock is held, and
     * {@link #harvesting}.
     */
    public void noteStores(Blocks blocks, long start, long end, long now) throws FsException {
        for (long page = start; page < end; page++) {
            long locked = lock(page, false);
            try {
                long block = blocks.find(page);
                if (block != Blocks.HOLE) {
                    insert(page, locked, block - (page - Entry.first(locked, page)), true, now);
                }
            } finally {
                unlock(page);
            }
        }
    }

    /**
     * Held from asking clients what was stored until all of it is tagged: else another who asks meanwhile would hear of
     * nothing and find nothing dirty. Taken before any entry's lock.
     */
    public Threading.Mutex harvesting() {
        return harvesting;
    }

    /** Tags for this writeback what is dirty now (D05). */
    public void tagForWriteback(long start, long end) {
        tree.lock();
        index.tagForWriteback(start, end);
        tree.unlock();
        threading.step();
    }

    /** For tests: the next page to write back, or {@link #NOWHERE}. */
    long nextToWrite(long start, long end) {
        tree.lock();
        try {
            return index.nextTagged(start, end, PageIndex.TOWRITE);
        } finally {
            tree.unlock();
        }
    }

    /** The first dirty page of the range, or {@link #NOWHERE}. */
    public long nextDirty(long start, long end) {
        tree.lock();
        try {
            return index.nextTagged(start, end, PageIndex.DIRTY);
        } finally {
            tree.unlock();
        }
    }

    /** Writes back cache lines; no fence. */
    @FunctionalInterface
    public interface LineWriter {
        /** @param blockCount 1, or those of a huge page */
        void writeBack(long page, long poolBlock, int blockCount) throws FsException;
    }

    /**
     * Writes back the next pages that are tagged TOWRITE, a {@link WritebackBatch} of them (D06, D08;
     * {@code dax_writeback_one}). Their DIRTY tags go before the caller's fence: the fence is this thread's, before anyone is
     * told.
     *
     * <p>Several at once, because each lock that is taken or let go waits for all cache lines that are on their way: only the
     * first page's lock is waited for, with none held.
     *
     * @return where to go on, or {@link #NOWHERE}
     * @throws FsException EIO if an entry has nothing to write back; what {@code lines} throws: its page stays DIRTY, and so do
     *     those behind it
     */
    public long writeBack(WritebackBatch batch, long start, long end, LineWriter lines, long now) throws FsException {
        batch.clear();
        tree.lock();
        long page = index.nextTagged(start, end, PageIndex.TOWRITE);
        if (page == NOWHERE) {
            tree.unlock();
            return NOWHERE;
        }
        long seen = index.get(page);
        long entry = awaitUnlocked(page, false);
        if (entry == Entry.NONE || Entry.block(entry) != Entry.block(seen) || !index.hasTag(page, PageIndex.TOWRITE)) {
            tree.unlock();
            passOn(entry, page);
            return page;
        }
        if (Entry.is(entry, Entry.HOLE | Entry.EMPTY)) {
            index.clearTag(page, PageIndex.TOWRITE);
            tree.unlock();
            passOn(entry, page);
            throw unexpected(Entry.first(entry, page), entry);
        }
        long next = take(batch, page, entry, end);
        tree.unlock();
        threading.step();
        try {
            writeBackLocked(batch, lines);
        } finally {
            if (batch.done < batch.count) {
                poison(batch.first[batch.done], batch.first[batch.done] + Entry.pages(batch.entry[batch.done]));
            }
            settle(batch, now);
        }
        return next;
    }

    /** Locks entries as long as they are free. The tree lock is held. */
    private long take(WritebackBatch batch, long firstPage, long firstEntry, long end) {
        long page = firstPage;
        long entry = firstEntry;
        do {
            index.clearTag(page, PageIndex.TOWRITE);
            long first = Entry.first(entry, page);
            index.put(first, Entry.locked(entry, Thread.currentThread().getId()));
            assert LockOrder.ENTRY.takeAtOnce();
            batch.add(first, entry);
            page = index.nextTagged(page, end, PageIndex.TOWRITE);
            entry = page == NOWHERE ? Entry.NONE : index.get(page);
        } while (page != NOWHERE && batch.hasRoom() && !Entry.is(entry, Entry.LOCKED | Entry.HOLE | Entry.EMPTY));
        return page;
    }

    /** Tells every mapper that a page's memory is bad (D37). */
    private void poison(long start, long end) throws FsException {
        for (MappingClient client : clients) {
            client.poison(start, end);
        }
    }

    private void writeBackLocked(WritebackBatch batch, LineWriter lines) throws FsException {
        if (!has(RaceSwitch.FLUSH_BEFORE_PROTECT) && !has(RaceSwitch.CLEAR_BEFORE_PROTECT)) {
            protect(batch);
        }
        for (int i = 0; i < batch.count; i++) {
            lines.writeBack(batch.first[i], Entry.block(batch.entry[i]), Entry.pages(batch.entry[i]));
            batch.done++;
        }
        threading.step();
        if (has(RaceSwitch.FLUSH_BEFORE_PROTECT)) {
            protect(batch);
        }
    }

    /** In every client (D07), neighbours at once. What was stored before is covered by the write-back to come. */
    private void protect(WritebackBatch batch) throws FsException {
        for (int i = 0; i < batch.count && !clients.isEmpty(); ) {
            long start = batch.first[i];
            long end = start;
            for (; i < batch.count && batch.first[i] == end; i++) {
                end += Entry.pages(batch.entry[i]);
            }
            for (MappingClient client : clients) {
                client.harvest(start, end, (from, to) -> {});
            }
        }
        threading.step();
    }

    private void settle(WritebackBatch batch, long now) throws FsException {
        tree.lock();
        for (int i = 0; i < batch.count; i++) {
            if (i < batch.done) {
                index.clearTag(batch.first[i], PageIndex.DIRTY);
            } else {
                index.setTag(batch.first[i], PageIndex.DIRTY, now);
            }
        }
        if (has(RaceSwitch.CLEAR_BEFORE_PROTECT)) {
            tree.unlock();
            threading.step();
            protect(batch);
            tree.lock();
        }
        for (int i = 0; i < batch.count; i++) {
            release(batch.first[i]);
        }
        tree.unlock();
        for (int i = 0; i < batch.count; i++) {
            waits.wake(this, batch.first[i], false);
        }
    }

    private FsException unexpected(long page, long entry) {
        return new FsException(
                Errno.EIO,
                "writeback",
                "inode " + ino + ", page " + page + ": dirty, and "
                        + (Entry.is(entry, Entry.HOLE) ? "a hole" : "without a block"));
    }

    // What the page cache wrote.

    /**
     * Notes pages that were written through the page cache. The inode's lock is held.
     *
     * @param durable whether their lines are fenced before the write is answered: reported then, else dirty
     */
    public void noteWritten(long page, long poolBlock, long count, boolean durable, long now) {
        int tag = durable ? PageIndex.REPORTED : PageIndex.DIRTY;
        for (long i = 0; i < count; ) {
            tree.lock();
            boolean room = true;
            while (i < count && room) {
                room = index.get(page + i) != Entry.NONE || index.put(page + i, Entry.of(poolBlock + i, 0));
                if (room) {
                    tag(page + i, tag, now);
                    i++;
                }
            }
            if (room) {
                tree.unlock();
            } else {
                supplyIndex();
            }
        }
    }

    /** Nothing is owed any more for what was reported in the range. Pages that nobody maps are forgotten. */
    public void settleReported(long start, long end) {
        boolean mapped = !clients.isEmpty();
        tree.lock();
        for (long page = index.nextTagged(start, end, PageIndex.REPORTED);
                page != NOWHERE;
                page = index.nextTagged(page, end, PageIndex.REPORTED)) {
            index.clearTag(page, PageIndex.REPORTED);
            if (!mapped && !index.hasTag(page, PageIndex.DIRTY) && !Entry.is(index.get(page), Entry.LOCKED)) {
                index.remove(page);
            }
        }
        if (index.taggedPages(PageIndex.DIRTY) == 0 && index.taggedPages(PageIndex.REPORTED) == 0) {
            pendingSince = 0;
        }
        tree.unlock();
    }

    /** Forgets what is clean and mapped by nobody (the kernel's shrinker); dirty pages stay. */
    public void dropClean() {
        if (clients.isEmpty()) {
            dropClean(0, MAX_PAGES);
        }
    }

    /** As {@link #dropClean()}, mapped or not: clients that announce no stores need no entries for what is clean. */
    public void dropClean(long start, long end) {
        tree.lock();
        for (long page = index.next(start, end); page != NOWHERE; page = index.next(page + 1, end)) {
            boolean clean = !index.hasTag(page, PageIndex.DIRTY)
                    && !index.hasTag(page, PageIndex.TOWRITE)
                    && !index.hasTag(page, PageIndex.REPORTED);
            if (clean && !Entry.is(index.get(page), Entry.LOCKED)) {
                index.remove(page);
                waits.wake(this, page, true);
            }
        }
        tree.unlock();
    }

    // Taking pages away.

    /**
     * Deletes the entries of a range; waits for each one's lock. Faults are locked out, so whatever is
     * locked is being written back (D15).
     */
    public void delete(long start, long end) {
        for (long page = next(start, end); page != PageIndex.NOWHERE; page = next(page + 1, end)) {
            delete(page);
        }
    }

    private long next(long start, long end) {
        tree.lock();
        try {
            return index.next(start, end);
        } finally {
            tree.unlock();
        }
    }

    private void delete(long page) {
        tree.lock();
        long entry = has(RaceSwitch.DELETE_BEFORE_WAIT) ? index.get(page) : awaitUnlocked(page, false);
        long first = Entry.first(entry, page);
        index.remove(page);
        tree.unlock();
        threading.step();
        waits.wake(this, first, true);
    }

    // Looking.

    /** Whether nothing is known of the file's pages, and nobody maps it. */
    public boolean isEmpty() {
        tree.lock();
        try {
            return index.entries() == 0 && clients.isEmpty();
        } finally {
            tree.unlock();
        }
    }

    public boolean isMapped() {
        return clients.stream().anyMatch(MappingClient::isMapping);
    }

    /** The dirty and reported pages, in runs. */
    public List<PageRun> pageRuns() {
        List<PageRun> runs = new ArrayList<>();
        tree.lock();
        try {
            addPageRuns(runs);
        } finally {
            tree.unlock();
        }
        return runs;
    }

    private void addPageRuns(List<PageRun> runs) {
        for (long page = index.next(0, MAX_PAGES); page != NOWHERE; ) {
            long entry = index.get(page);
            PageRun run = new PageRun(
                    page,
                    Entry.pages(entry),
                    Entry.block(entry),
                    index.hasTag(page, PageIndex.DIRTY),
                    index.hasTag(page, PageIndex.TOWRITE),
                    index.hasTag(page, PageIndex.REPORTED),
                    index.since(page),
                    Entry.is(entry, Entry.LOCKED) ? Entry.holder(entry) : -1,
                    waits.waiters(this, page));
            page = index.next(page + run.count(), MAX_PAGES);
            if (!run.dirty() && !run.reported() && run.lockHolder() < 0) {
                continue;
            }
            PageRun last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.continues(run)) {
                runs.set(runs.size() - 1, last.longer(run.count()));
            } else {
                runs.add(run);
            }
        }
    }

    /** Pages that may not be durable yet. */
    public long dirtyPages() {
        tree.lock();
        try {
            return index.taggedPages(PageIndex.DIRTY);
        } finally {
            tree.unlock();
        }
    }

    /** For tests: the entry that stands for a page. */
    long entry(long page) {
        tree.lock();
        try {
            return index.get(page);
        } finally {
            tree.unlock();
        }
    }

    boolean hasTag(long page, int tag) {
        tree.lock();
        try {
            return index.hasTag(page, tag);
        } finally {
            tree.unlock();
        }
    }
}
