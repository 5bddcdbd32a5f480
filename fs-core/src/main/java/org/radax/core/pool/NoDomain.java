package org.radax.core.pool;

/** Durability of a private view of a pool: there is none, and nothing reaches the pool. */
public final class NoDomain implements PersistenceDomain {
    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        // A private view: nothing to write back to.
    }

    @Override
    public void fence() {
        // As above.
    }

    @Override
    public String name() {
        return "none (read-only)";
    }
}
