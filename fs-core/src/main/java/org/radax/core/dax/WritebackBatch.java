package org.radax.core.dax;

import org.radax.core.error.FsException;

/** Pages that are written back together, their entries locked; used again and again by one thread. */
public final class WritebackBatch {
    private static final int ROOM = 64;

    final long[] first = new long[ROOM];

    /** As they were before they were locked. */
    final long[] entry = new long[ROOM];

    int count;

    /** How many of them are written back; the next failed, if it is fewer than there are. */
    int done;

    void clear() {
        count = 0;
        done = 0;
    }

    boolean hasRoom() {
        return count < ROOM;
    }

    void add(long firstPage, long entryBefore) {
        first[count] = firstPage;
        entry[count++] = entryBefore;
    }

    /** Entries looked at. */
    public int entries() {
        return count;
    }

    /** Tells which pages were written back; returns how many, of 4 KiB. */
    public long visit(MappingClient.PageVisitor written) throws FsException {
        long pages = 0;
        for (int i = 0; i < done; i++) {
            written.pages(first[i], first[i] + Entry.pages(entry[i]));
            pages += Entry.pages(entry[i]);
        }
        return pages;
    }
}
