package org.radax.core.volume;

import java.util.function.LongSupplier;
import jdk.internal.misc.VM;

/** Wall-clock nanoseconds since 1970, without allocating. */
final class Clock {
    /** What tells the time instead, or null. */
    private static volatile LongSupplier instead;

    private Clock() {}

    static long now() {
        LongSupplier other = instead;
        return other == null ? time() : other.getAsLong();
    }

    static long seconds() {
        return now() / 1_000_000_000;
    }

    /** What {@link #now} tells unless it is told otherwise. */
    static long time() {
        return VM.getNanoTimeAdjustment(0);
    }

    /** Lets something else tell the time to all volumes: for tests that are to be the same each time. */
    static void tellBy(LongSupplier other) {
        instead = other;
    }
}
