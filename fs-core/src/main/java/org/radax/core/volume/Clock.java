package org.radax.core.volume;

import jdk.internal.misc.VM;

/** Wall-clock nanoseconds since 1970, without allocating. */
final class Clock {
    /** As on ext4 with 256-byte inodes: times end in 2446. */
    static final long LATEST_NANOS = Long.parseUnsignedLong("15032385535000000000");

    private Clock() {}

    static long now() {
        return VM.getNanoTimeAdjustment(0);
    }

    /** Keeps a time within what the format holds: unsigned, 1970 to 2446. */
    static long clamp(long nanos) {
        return Long.compareUnsigned(nanos, LATEST_NANOS) > 0 ? LATEST_NANOS : nanos;
    }
}
