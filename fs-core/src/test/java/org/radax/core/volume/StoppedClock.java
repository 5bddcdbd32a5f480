package org.radax.core.volume;

import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands for the thread that stopped it and for those it started since; for all others it runs. */
final class StoppedClock {
    private static final InheritableThreadLocal<AtomicLong> STOPPED = new InheritableThreadLocal<>();

    static {
        Clock.tellBy(() -> {
            AtomicLong at = STOPPED.get();
            return at == null ? Clock.time() : at.get();
        });
    }

    private StoppedClock() {}

    /** Moves the clock of this thread and those it started, or stops it. */
    static void stopAt(long nanos) {
        AtomicLong at = STOPPED.get();
        if (at == null) {
            startOwnAt(nanos);
        } else {
            at.set(nanos);
        }
    }

    /** Stops a clock of this thread's own, whatever it was started with. */
    static void startOwnAt(long nanos) {
        STOPPED.set(new AtomicLong(nanos));
    }

    /** Lets it run again for this thread. */
    static void release() {
        STOPPED.remove();
    }
}
