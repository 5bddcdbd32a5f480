package org.radax.core.pool;

/**
 * How stores to the pool become durable. A store is durable once a write-back of its range, issued after it, was
 * followed by a fence. Thread-safe; a fence covers the write-backs of every thread that happened before it.
 */
public interface PersistenceDomain {
    /** Starts writing back the lines that hold the range; durable only after the next {@link #fence}. */
    void writeBack(long poolOffset, long lengthBytes);

    /** Waits until everything written back before is durable. */
    void fence();

    /** For {@code radax info}: {@code cache-line}, {@code msync}, {@code recorder}. */
    String name();
}
