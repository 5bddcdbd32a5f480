package org.radax.core.volume;

import jdk.internal.misc.VM;

/** Wall-clock nanoseconds since 1970, without allocating. */
final class Clock {
    private Clock() {}

    static long now() {
        return VM.getNanoTimeAdjustment(0);
    }
}
