package org.radax.core.volume;

import java.util.BitSet;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.pool.HostSpace;
import org.radax.core.unit.Units;

/** A host with little memory: what was provided stays so until it is discarded; refusals can be ordered. */
final class ScarceHost implements HostSpace {
    private final BitSet provided = new BitSet();
    private long roomBytes = Long.MAX_VALUE;
    private int grantsLeft = Integer.MAX_VALUE;
    private int refusals;

    /** So much and no more from here on. */
    void limit(long bytes) {
        roomBytes = bytes;
    }

    /** Refuses all requests but the next {@code count}, whether it has memory or not. */
    void grant(int count) {
        grantsLeft = count;
        refusals = 0;
    }

    /** Bytes provided and not discarded. */
    long providedBytes() {
        return Units.blockToBytes(provided.cardinality());
    }

    int refusals() {
        return refusals;
    }

    @Override
    public void provide(long poolOffset, long lengthBytes) throws PoolException {
        int first = (int) Units.blockOf(poolOffset);
        int end = (int) Units.blocksFor(poolOffset + lengthBytes);
        long missing = Units.blockToBytes(end - first - provided.get(first, end).cardinality());
        if (grantsLeft == 0 || missing > roomBytes) {
            refusals++;
            throw new PoolException(Errno.ENOSPC, "pool: the host has no memory");
        }
        grantsLeft -= grantsLeft == Integer.MAX_VALUE ? 0 : 1;
        roomBytes -= roomBytes == Long.MAX_VALUE ? 0 : missing;
        provided.set(first, end);
    }

    @Override
    public boolean discard(long poolOffset, long lengthBytes) {
        provided.clear((int) Units.blockOf(poolOffset), (int) Units.blocksFor(poolOffset + lengthBytes));
        return true;
    }
}
