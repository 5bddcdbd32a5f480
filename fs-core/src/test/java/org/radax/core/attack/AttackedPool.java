package org.radax.core.attack;

import java.util.BitSet;
import org.radax.core.os.LibC;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StoreObserver;
import org.radax.core.unit.Units;

/**
 * A pool to be damaged, and made whole again by copying back what was stored to. Nothing lies around its memory: whoever
 * reaches out of it ends the test run.
 */
final class AttackedPool implements AutoCloseable, StoreObserver {
    static final long SIZE_BYTES = 16L << 20;
    private static final long GUARD_BYTES = 64L << 20;

    private final byte[] sound;
    private final long area;
    private final long base;
    private final BitSet stored = new BitSet();
    final PoolMemory memory;

    /** Holds {@code sound}, the bytes of a pool. */
    AttackedPool(byte[] sound) {
        this.sound = sound;
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE;
        area = LibC.INSTANCE.mmap(0, SIZE_BYTES + 2 * GUARD_BYTES, 0, flags, -1, 0);
        base = LibC.INSTANCE.mmap(
                area + GUARD_BYTES, SIZE_BYTES, LibC.PROT_READ | LibC.PROT_WRITE, flags | LibC.MAP_FIXED, -1, 0);
        if (base != area + GUARD_BYTES) {
            throw new IllegalStateException("no memory for a pool: " + LibC.lastError());
        }
        memory = new PoolMemory(base, SIZE_BYTES, new NoDomain(), this);
        memory.copyIn(0, sound, 0, sound.length);
        stored.clear();
    }

    @Override
    public void stored(long poolOffset, long lengthBytes) {
        stored.set((int) Units.blockOf(poolOffset), (int) Units.blocksFor(poolOffset + lengthBytes));
    }

    /** Whether {@code [address, address + lengthBytes)} lies in the pool. */
    boolean holds(long address, long lengthBytes) {
        return lengthBytes >= 0
                && address >= base
                && lengthBytes <= SIZE_BYTES
                && address <= base + SIZE_BYTES - lengthBytes;
    }

    /** The sound bytes again. */
    void heal() {
        for (int block = stored.nextSetBit(0); block >= 0; block = stored.nextSetBit(block + 1)) {
            int at = block * Units.BLOCK_BYTES;
            memory.copyIn(at, sound, at, Units.BLOCK_BYTES);
        }
        stored.clear();
    }

    @Override
    public void close() {
        LibC.INSTANCE.munmap(area, SIZE_BYTES + 2 * GUARD_BYTES);
    }
}
