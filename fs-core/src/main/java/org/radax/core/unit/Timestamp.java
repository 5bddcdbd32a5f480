package org.radax.core.unit;

/**
 * A point in time as one word: nanoseconds since 1970, modulo 2^64. Kept are 1901-12-13 to 2446-05-10, as on ext4; so
 * the uppermost words are times before 1970, and the bits of a time after it are those of a plain unsigned number.
 */
public final class Timestamp {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long FIRST_SECOND = Integer.MIN_VALUE;
    private static final long LAST_SECOND = (3L << 32) + Integer.MAX_VALUE;

    /** Added to a word, the order of times is that of unsigned numbers. */
    private static final long BIAS = -FIRST_SECOND * NANOS_PER_SECOND;

    private Timestamp() {}

    /** A time outside the range becomes the nearest second inside it. */
    public static long of(long seconds, int nanos) {
        return Math.max(FIRST_SECOND, Math.min(seconds, LAST_SECOND)) * NANOS_PER_SECOND + nanos;
    }

    /** Whole seconds since 1970, rounded down. */
    public static long seconds(long timestamp) {
        return Long.divideUnsigned(timestamp + BIAS, NANOS_PER_SECOND) + FIRST_SECOND;
    }

    /** Nanoseconds behind {@link #seconds}: 0 to 999,999,999. */
    public static int nanos(long timestamp) {
        return (int) Long.remainderUnsigned(timestamp + BIAS, NANOS_PER_SECOND);
    }

    /** As {@link Long#compare}: negative if {@code a} is earlier. */
    public static int compare(long a, long b) {
        return Long.compareUnsigned(a + BIAS, b + BIAS);
    }
}
