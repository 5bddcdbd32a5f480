package org.radax.core.dax;

import java.util.concurrent.atomic.LongAdder;
import org.radax.core.error.FsException;

/**
 * What happens when a client touches a page that it has not mapped, or stores to one that is write-protected
 * ({@code dax_iomap_fault} and {@code dax_finish_sync_fault}, fs/dax.c). The caller holds the inode's lock, exclusively
 * if a hole is to be filled. Thread-safe.
 */
public final class Faults {
    /** A client's page table. */
    public interface PageTable {
        /**
         * Maps pages; the entry's lock is held.
         *
         * @param poolBlock of the first of them, or {@link Blocks#HOLE}: the zero page, never writable
         */
        void map(long page, long poolBlock, int pages, boolean writable) throws FsException;

        /**
         * Whether its process makes durable by itself what it stores (MAP_SYNC, D25): its stores leave no tag, and are not
         * harvested. Crash order: a block is committed ({@link FaultBlocks#fill}) before its page is writable, for the
         * process's own flush may be the last thing that happens.
         */
        default boolean flushesItself() {
            return false;
        }
    }

    private final LongAdder reads = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder holes = new LongAdder();
    private final LongAdder huge = new LongAdder();
    private final LongAdder stores = new LongAdder();
    private final LongAdder retries = new LongAdder();

    /** A load or store to a page that is not mapped (D01, D13, D16). */
    public void touch(Mapping mapping, FaultBlocks blocks, PageTable table, long page, boolean write, long now)
            throws FsException {
        mapping.beginFault();
        try {
            (write ? writes : reads).increment();
            long filled = mapping.has(RaceSwitch.FILL_WITHOUT_LOCK) ? find(blocks, page, write) : Blocks.HOLE;
            long locked = mapping.lock(page, false);
            try {
                long block = mapping.has(RaceSwitch.FILL_WITHOUT_LOCK) ? filled : find(blocks, page, write);
                if (block == Blocks.HOLE) {
                    holes.increment();
                }
                long first = Entry.first(locked, page);
                mapping.insert(
                        page, locked, block == Blocks.HOLE ? block : block - (page - first), isOwed(table, write), now);
                table.map(page, block, 1, write);
            } finally {
                mapping.unlock(page);
            }
        } finally {
            mapping.endFault();
        }
    }

    /** Whether a sync has to write the page back. */
    private static boolean isOwed(PageTable table, boolean write) {
        return write && !table.flushesItself();
    }

    private static long find(FaultBlocks blocks, long page, boolean write) throws FsException {
        long block = blocks.find(page);
        return block == Blocks.HOLE && write ? blocks.fill(page) : block;
    }

    /**
     * As {@link #touch}, of 2 MiB at once (D03).
     *
     * @return false, with nothing mapped: take 4 KiB, because the file's blocks do not lie so, a hole is to be filled, or
     *     smaller entries are there
     */
    public boolean touchHuge(Mapping mapping, FaultBlocks blocks, PageTable table, long page, boolean write, long now)
            throws FsException {
        mapping.beginFault();
        try {
            long first = page & -Entry.HUGE_PAGES;
            long block = blocks.findHuge(first);
            if (block == FaultBlocks.NOT_HUGE || (block == Blocks.HOLE && write)) {
                return false;
            }
            long locked = mapping.lock(page, true);
            if (locked == Mapping.CONFLICT) {
                return false;
            }
            try {
                huge.increment();
                mapping.insert(page, locked, block, isOwed(table, write), now);
                table.map(first, block, Entry.HUGE_PAGES, write);
            } finally {
                mapping.unlock(page);
            }
            return true;
        } finally {
            mapping.endFault();
        }
    }

    /**
     * The first store to a page that is mapped for reading: no block is looked up (D02, D23).
     *
     * @return false if the page is gone, or a hole: begin again with {@link #touch}
     */
    public boolean store(Mapping mapping, PageTable table, long page, long now) throws FsException {
        mapping.beginFault();
        try {
            long entry = mapping.lockForStore(page, isOwed(table, true), now);
            if (entry == Entry.NONE) {
                retries.increment();
                return false;
            }
            try {
                stores.increment();
                table.map(page, Entry.block(entry) + (page - Entry.first(entry, page)), 1, true);
            } finally {
                mapping.unlockAfterStore(page);
            }
            return true;
        } finally {
            mapping.endFault();
        }
    }

    /** How many of each kind there were. */
    public record Counts(long reads, long writes, long holes, long huge, long stores, long retries) {}

    public Counts counts() {
        return new Counts(reads.sum(), writes.sum(), holes.sum(), huge.sum(), stores.sum(), retries.sum());
    }
}
