package org.radax.core.dax;

import org.radax.core.error.FsException;

/** A file's blocks, as faults ask for them: no pages are taken away meanwhile. */
public interface FaultBlocks extends Blocks {
    /** There are no 2 MiB in one piece. */
    long NOT_HUGE = -2;

    /** Pages of 4 KiB in 2 MiB. */
    int HUGE_PAGES = Entry.HUGE_PAGES;

    /**
     * The first pool block of 2 MiB that lie aligned and in one piece inside the file's end (D03); {@link #HOLE} if all of
     * them are one, else {@link #NOT_HUGE}.
     *
     * @param page a multiple of 512
     */
    long findHuge(long page) throws FsException;

    /**
     * Gives a hole a block, zeroed and committed before this returns (D16, D25): ENOSPC. The page's entry is locked.
     *
     * @return the block
     */
    long fill(long page) throws FsException;
}
