package org.radax.core.volume;

import org.radax.core.error.FsException;

/** An operation of crash workloads. {@code file}: which one its effect is about; null where none is. */
record CrashOperation(String name, Effect effect, File file, CrashWorkload.Step step) {
    /** What a crash may leave of it. */
    enum Effect {
        /** All or nothing. */
        ATOMIC,
        /** All or nothing, but where an earlier operation put data: there it overwrites. */
        WRITES,
        /** In place: torn at worst within the bytes it writes. */
        OVERWRITES,
        /** Through a mapping, in place: there or not, byte by byte, until a sync. */
        STORES,
        /** Syncs what was stored. */
        SYNCS
    }

    /** Finds a file by its name. */
    interface File {
        long find(TestVolume v) throws FsException;
    }

    /** Whether a crash amid it may leave something between the states before and after. */
    boolean mayTear(boolean first) {
        return effect == Effect.OVERWRITES || effect == Effect.STORES || (effect == Effect.WRITES && !first);
    }
}
