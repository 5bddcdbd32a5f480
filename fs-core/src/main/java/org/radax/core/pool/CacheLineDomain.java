package org.radax.core.pool;

import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/** Durability by cache-line write-back: pools on tmpfs, DAX filesystems and /dev/dax. */
public final class CacheLineDomain implements PersistenceDomain {
    private final long base;

    public CacheLineDomain(long base) {
        this.base = base;
    }

    /** The intrinsic writes back line by line; its own closing SFENCE comes for free with the last one. */
    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        long start = Units.alignDown(base + poolOffset, Units.LINE_BYTES);
        long end = Units.alignUp(base + poolOffset + lengthBytes, Units.LINE_BYTES);
        RawMemory.writeBackLines(start, end - start);
    }

    /** {@code writebackMemory} ends in an SFENCE; this one orders the stores around it for the compiler as well. */
    @Override
    public void fence() {
        RawMemory.storeFence();
    }

    @Override
    public String name() {
        return "cache-line";
    }
}
