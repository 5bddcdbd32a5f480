package org.radax.core.volume;

import org.radax.core.pool.PersistenceDomain;

/** What the writeback engine writes back through: the volume's domain, which a remount may change. */
final class EngineDomain implements PersistenceDomain {
    private final VolumeCore core;

    EngineDomain(VolumeCore core) {
        this.core = core;
    }

    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        core.memory.writeBack(poolOffset, lengthBytes);
    }

    @Override
    public void fence() {
        core.memory.fence();
    }

    @Override
    public String name() {
        return core.memory.domain().name();
    }
}
