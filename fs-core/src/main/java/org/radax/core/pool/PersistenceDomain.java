package org.radax.core.pool;

/**
 * How stores to the pool become durable. A store is durable once a write-back of its range, issued after it, was
 * followed by a fence of the same thread: a CPU waits for its own write-backs alone, and the kernel sees to it that a
 * thread that moves to another one takes them along. Thread-safe.
 */
public interface PersistenceDomain {
    /** Starts writing back the lines that hold the range; durable only after this thread's next {@link #fence}. */
    void writeBack(long poolOffset, long lengthBytes);

    /** Waits until everything this thread has written back is durable. */
    void fence();

    /** For {@code radax info}: {@code cache-line}, {@code msync}, {@code recorder}. */
    String name();
}
