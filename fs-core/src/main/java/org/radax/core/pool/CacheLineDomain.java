package org.radax.core.pool;

import org.radax.core.os.RawMemory;

/** Durability by cache-line write-back: pools on tmpfs, DAX filesystems and /dev/dax. */
public final class CacheLineDomain implements PersistenceDomain {
    private final long base;

    public CacheLineDomain(long base) {
        this.base = base;
    }

    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        RawMemory.writeBackLines(base + poolOffset, lengthBytes);
    }

    @Override
    public void fence() {
        RawMemory.writeBackFence();
    }

    @Override
    public String name() {
        return "cache-line";
    }
}
