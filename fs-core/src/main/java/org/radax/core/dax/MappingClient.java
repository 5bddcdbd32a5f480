package org.radax.core.dax;

import org.radax.core.error.FsException;

/**
 * Somebody who has pages of one file mapped: the kernel's page cache, a process that maps the pool, a test's threads.
 * Page ranges are half-open. Called without the mapping's tree lock; an entry's lock may be held.
 */
public interface MappingClient {
    /** Takes ranges of pages. */
    @FunctionalInterface
    interface PageVisitor {
        void pages(long start, long end) throws FsException;
    }

    /** Whether each first store to a page comes as a fault, and has tagged it DIRTY; else {@link #harvest} tells. */
    boolean announcesStores();

    /**
     * Tells which pages were stored to since they were last asked about, and write-protects them, in one step: a store
     * that comes later is told the next time (D06, D07).
     */
    void harvest(long start, long end, PageVisitor written) throws FsException;

    /** Takes the pages out of the client's sight; the next access faults, or gets SIGBUS. */
    void unmap(long start, long end) throws FsException;

    /**
     * Whether what was unmapped of late stays the file's: what may have been stored there since the last {@link #harvest} is
     * told then. Nothing to do for who {@link #announcesStores}. The inode's lock is held exclusively.
     */
    default void settle(boolean kept) {}

    /**
     * Waits until none of the pages is pinned, mapped or not (D29, D31).
     *
     * @param wait whether to wait at all
     * @return false if some still are
     */
    boolean awaitIdle(long start, long end, boolean wait) throws FsException;

    /** A page's memory is bad: whoever touches it gets an error (D37). */
    void poison(long start, long end) throws FsException;

    /** Whether anything of the file is mapped. */
    boolean isMapping();
}
