package org.radax.core.volume;

import jdk.internal.misc.VM;

/** Wall-clock nanoseconds since 1970, without allocating. */
final class Clock {
    /** Where the clock stands, or 0 while it runs. */
    private static volatile long stoppedAt;

    private Clock() {}

    static long now() {
        long stopped = stoppedAt;
        return stopped != 0 ? stopped : VM.getNanoTimeAdjustment(0);
    }

    static long seconds() {
        return now() / 1_000_000_000;
    }

    /** Stops the clock of all volumes: for tests that are to be the same each time. 0 lets it run again. */
    static void stopAt(long nanos) {
        stoppedAt = nanos;
    }
}
