package org.radax.core.volume;

/** One request's wait for a frozen volume to thaw. */
public final class ChangeWait {
    private volatile boolean cancelled;

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }
}
