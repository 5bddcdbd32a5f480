package org.radax.core.os;

import org.slf4j.Logger;

/** What threads do that must go on when memory runs out, or a page of the pool is lost. */
public final class Scarcity {
    private Scarcity() {}

    /** Takes a step; if there is no memory for it, or a bad page in its way, it is left as it is, and the log says so. */
    public static void survive(Logger log, String name, Runnable step) {
        try {
            step.run();
        } catch (OutOfMemoryError | InternalError e) {
            complain(log, name, e);
        }
    }

    private static void complain(Logger log, String name, VirtualMachineError error) {
        try {
            log.error("{}: {}", name, error.toString());
        } catch (OutOfMemoryError again) {
            // Nothing can be said either.
        }
    }
}
