package org.radax.core.dax;

/** How often each thread had to wait for another's work on a page, to tell what a sync met. */
public final class Waits {
    private static final ThreadLocal<long[]> COUNT = ThreadLocal.withInitial(() -> new long[1]);

    private Waits() {}

    static void count() {
        COUNT.get()[0]++;
    }

    /** By this thread, so far. */
    public static long ofThisThread() {
        return COUNT.get()[0];
    }
}
