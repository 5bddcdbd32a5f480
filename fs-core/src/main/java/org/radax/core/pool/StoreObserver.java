package org.radax.core.pool;

/** Told of every store to the pool, after it: what a crash recorder needs. Null in production. */
public interface StoreObserver {
    void stored(long poolOffset, long lengthBytes);

    /** Told of every access, before it, where Java's assertions are on; true. */
    default boolean touched(long poolOffset, long lengthBytes) {
        return true;
    }
}
