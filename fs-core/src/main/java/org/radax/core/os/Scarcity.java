package org.radax.core.os;

import org.slf4j.Logger;

/** What threads do that must go on when memory runs out. */
public final class Scarcity {
    private Scarcity() {}

    /** Takes a step; if there is no memory for it, it is left as it is, and the log says so, if it can. */
    public static void survive(Logger log, String name, Runnable step) {
        try {
            step.run();
        } catch (OutOfMemoryError e) {
            complain(log, name, e);
        }
    }

    private static void complain(Logger log, String name, OutOfMemoryError error) {
        try {
            log.error("{}: {}", name, error.toString());
        } catch (OutOfMemoryError again) {
            // Nothing can be said either.
        }
    }
}
