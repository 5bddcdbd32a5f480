package org.radax.core.pool;

import org.radax.core.error.PoolException;

/** The host's memory under the pool: taken before it is used, given back when it is free. */
public interface HostSpace {
    /**
     * Makes the host set memory aside for a range, so that a full host shows here and never as SIGBUS.
     *
     * @throws PoolException ENOSPC when the host is full
     */
    void provide(long poolOffset, long lengthBytes) throws PoolException;

    /** Gives a free range back to the host; it reads as zeroes afterwards. False where the host can not. */
    boolean discard(long poolOffset, long lengthBytes);
}
