package org.radax.core.dax;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/** Takes pages away from whoever has them mapped, before their blocks are freed or moved (D30; {@code dax_break_layout}). */
public final class LayoutBreak {
    private LayoutBreak() {}

    /**
     * Unmaps, waits until every page is idle, and only then forgets the entries. Faults are locked out
     * ({@link Mapping#lockFaultsOut}), and stay so until the blocks are free (D32).
     *
     * @throws FsException EBUSY in mode NOWAIT, with nothing forgotten
     */
    public static void run(Mapping mapping, long start, long end, LayoutGuard.Mode mode) throws FsException {
        boolean idle;
        do {
            boolean mapped = unmap(mapping, start, end);
            mapping.threading().step();
            idle = isIdle(mapping, start, end, mapped, mode);
            if (!idle && mode == LayoutGuard.Mode.NOWAIT) {
                throw new FsException(Errno.EBUSY, "break layout", "inode " + mapping.ino() + ": pages in use");
            }
        } while (!idle);
        mapping.delete(start, end);
    }

    private static boolean unmap(Mapping mapping, long start, long end) throws FsException {
        boolean mapped = false;
        for (MappingClient client : mapping.clients()) {
            mapped |= client.isMapping();
            client.unmap(start, end);
        }
        return mapped;
    }

    /** A page may be busy after its unmapping: the search does not end with the last map (D31). */
    private static boolean isIdle(Mapping mapping, long start, long end, boolean mapped, LayoutGuard.Mode mode)
            throws FsException {
        if (mapping.has(RaceSwitch.FREE_BEFORE_IDLE) || (!mapped && mapping.has(RaceSwitch.BUSY_SCAN_STOPS))) {
            return true;
        }
        boolean idle = true;
        for (MappingClient client : mapping.clients()) {
            idle &= client.awaitIdle(start, end, mode != LayoutGuard.Mode.NOWAIT);
        }
        return idle;
    }
}
