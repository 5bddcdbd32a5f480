package org.radax.it.model;

/**
 * A timestamp the model knows exactly (it was set, or seen before and not touched since) or only as an interval (the
 * filesystem's clock stamped it during an operation).
 */
final class ModelTime {
    /** The kernel stamps with a coarse clock, a tick behind. */
    private static final long SLACK_NANOS = 20_000_000;

    private boolean exact;
    private long nanos;
    private long earliest;
    private long latest;
    /** Whether the value before the last touch is right too. */
    private boolean mayBeOld;

    private boolean known;

    void set(long value) {
        exact = true;
        known = true;
        nanos = value;
    }

    /** Stamped by an operation that ran within [start, end]. */
    void touch(long start, long end) {
        exact = false;
        mayBeOld = false;
        known = true;
        earliest = start - SLACK_NANOS;
        latest = end + SLACK_NANOS;
    }

    /** Stamped or left alone: POSIX allows both. */
    void mayTouch(long start, long end) {
        if (exact) {
            exact = false;
            mayBeOld = true;
            earliest = start - SLACK_NANOS;
        } else if (mayBeOld) {
            // Still either the old value or something since the first of these operations.
            mayBeOld = true;
        }
        latest = end + SLACK_NANOS;
    }

    /** Whether both are known, and this is later. */
    boolean isAfter(ModelTime other) {
        return known && exact && other.known && other.exact && nanos > other.nanos;
    }

    /** Whether it is known to be no older than that. */
    boolean isYoungerThan(long ageNanos, long now) {
        return known && exact && now - nanos < ageNanos;
    }

    /** Null if {@code seen} is right, else what was expected; afterwards the value is known exactly. */
    String accept(long seen) {
        boolean right =
                !known || (exact ? seen == nanos : (mayBeOld && seen == nanos) || (seen >= earliest && seen <= latest));
        String expected =
                exact ? Long.toString(nanos) : "[" + earliest + ", " + latest + "]" + (mayBeOld ? " or " + nanos : "");
        set(seen);
        return right ? null : expected;
    }
}
