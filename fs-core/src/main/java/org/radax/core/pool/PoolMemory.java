package org.radax.core.pool;

import org.radax.core.error.CorruptPoolException;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/**
 * The mapped pool, byte-addressed by pool offset, bounds checked. Little-endian. All stores to the pool go through
 * here, all durability through {@link #domain()}.
 *
 * <p>Every store is made with {@code copyMemory}: it survives a page that is gone, and it stores aligned 8-byte words
 * whole. That the page is gone is said by {@link #writeBack}, as a {@link LostPageError}. Reads of such a page return
 * anything, and raise an {@link InternalError} late; a transaction looks for it before it commits (docs/DESIGN.md, "Bad
 * pages").
 *
 * <p>Thread-safe as memory is; structure locks are the callers' business.
 */
public final class PoolMemory implements WordReader {
    private static final long ZERO_BYTES = 2L << 20;
    private static final long ZEROES = RawMemory.allocateForEver(ZERO_BYTES, 4096);
    private static final ThreadLocal<Long> WORD = ThreadLocal.withInitial(() -> RawMemory.allocateForEver(8, 64));

    private final long base;
    private final long sizeBytes;
    private PersistenceDomain domain;
    private final StoreObserver observer;

    /**
     * @param base address of the mapping
     * @param sizeBytes its length
     * @param observer told of every store, or null
     */
    public PoolMemory(long base, long sizeBytes, PersistenceDomain domain, StoreObserver observer) {
        this.base = base;
        this.sizeBytes = sizeBytes;
        this.domain = domain;
        this.observer = observer;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public PersistenceDomain domain() {
        return domain;
    }

    /** Changes the domain, while nobody uses the pool: remount. */
    public void useDomain(PersistenceDomain other) {
        domain = other;
    }

    /** The address of a range, for reading only (writev out of the pool, checksums, bulk reads). */
    public long address(long poolOffset, long lengthBytes) {
        check(poolOffset, lengthBytes);
        return base + poolOffset;
    }

    @Override
    public long getLong(long poolOffset) {
        check(poolOffset, Long.BYTES);
        return RawMemory.getLong(base + poolOffset);
    }

    @Override
    public int getInt(long poolOffset) {
        check(poolOffset, Integer.BYTES);
        return RawMemory.getInt(base + poolOffset);
    }

    public int getShort(long poolOffset) {
        check(poolOffset, Short.BYTES);
        return RawMemory.getShort(base + poolOffset) & 0xffff;
    }

    public int getByte(long poolOffset) {
        check(poolOffset, 1);
        return RawMemory.getByte(base + poolOffset) & 0xff;
    }

    /** Copies out of the pool to private memory. */
    public void copyOut(long poolOffset, long targetAddress, long lengthBytes) {
        check(poolOffset, lengthBytes);
        RawMemory.copy(base + poolOffset, targetAddress, lengthBytes);
    }

    /** Copies out of the pool into an array; needs no alignment. */
    @Override
    public void copyOut(long poolOffset, byte[] target, int start, int lengthBytes) {
        check(poolOffset, lengthBytes);
        RawMemory.copyOut(base + poolOffset, target, start, lengthBytes);
    }

    /** Stores an aligned 8-byte word, whole. */
    public void putLong(long poolOffset, long value) {
        if ((poolOffset & 7) != 0) {
            throw new IllegalArgumentException("unaligned word at pool offset " + poolOffset);
        }
        long word = WORD.get();
        RawMemory.putLong(word, value);
        copyIn(poolOffset, word, Long.BYTES);
    }

    /** Stores bytes from private memory. */
    public void copyIn(long poolOffset, long sourceAddress, long lengthBytes) {
        check(poolOffset, lengthBytes);
        RawMemory.copy(sourceAddress, base + poolOffset, lengthBytes);
        if (observer != null) {
            observer.stored(poolOffset, lengthBytes);
        }
    }

    /** Stores bytes from an array. */
    public void copyIn(long poolOffset, byte[] source, int start, int lengthBytes) {
        check(poolOffset, lengthBytes);
        RawMemory.copyIn(source, start, base + poolOffset, lengthBytes);
        if (observer != null) {
            observer.stored(poolOffset, lengthBytes);
        }
    }

    /** Copies within the pool; the ranges do not overlap. */
    public void copyWithin(long fromOffset, long toOffset, long lengthBytes) {
        copyIn(toOffset, address(fromOffset, lengthBytes), lengthBytes);
    }

    /** Stores zeroes. */
    public void zero(long poolOffset, long lengthBytes) {
        check(poolOffset, lengthBytes);
        for (long done = 0; done < lengthBytes; done += ZERO_BYTES) {
            copyIn(poolOffset + done, ZEROES, Math.min(ZERO_BYTES, lengthBytes - done));
        }
    }

    /** The address of a read-only region of zeroes of {@link #zeroRegionBytes} bytes: what a hole reads as. */
    public static long zeroRegion() {
        return ZEROES;
    }

    public static long zeroRegionBytes() {
        return ZERO_BYTES;
    }

    /**
     * Makes sure that the page of a structure is still there, by the first 4 bytes of the structure. They are fetched
     * with a copy into memory that held something else: of a lost page nothing is copied, where a load would have
     * returned anything.
     *
     * @param magic what they must be
     * @throws LostPageError when they are gone
     * @throws CorruptPoolException when they are something else
     */
    public void requireThere(long poolOffset, int magic) throws CorruptPoolException {
        check(poolOffset, Integer.BYTES);
        long word = WORD.get();
        RawMemory.putInt(word, ~magic);
        RawMemory.copy(base + poolOffset, word, Integer.BYTES);
        int found = RawMemory.getInt(word);
        if (found == ~magic) {
            throw LostPageError.now("pool offset " + poolOffset + ": the structure that was there is gone");
        }
        if (found != magic) {
            throw new CorruptPoolException(
                    "structure", poolOffset, "0x" + Integer.toHexString(magic), "0x" + Integer.toHexString(found));
        }
    }

    /**
     * Makes sure that all pages of a range are still there. A word of each is fetched twice at most, into memory that
     * holds zeroes and then ones: what is not copied over either is not there.
     *
     * @throws LostPageError when one is gone, and with it what was stored there
     */
    public void requirePages(long poolOffset, long lengthBytes) {
        check(poolOffset, lengthBytes);
        long word = WORD.get();
        long end = poolOffset + lengthBytes;
        for (long at = poolOffset; at < end; at = Units.alignDown(at, Units.BLOCK_BYTES) + Units.BLOCK_BYTES) {
            long address = base + Units.alignDown(at, Long.BYTES);
            RawMemory.putLong(word, 0);
            RawMemory.copy(address, word, Long.BYTES);
            if (RawMemory.getLong(word) == 0) {
                RawMemory.putLong(word, -1);
                RawMemory.copy(address, word, Long.BYTES);
                if (RawMemory.getLong(word) == -1) {
                    throw LostPageError.now("the page at pool offset " + at + " is gone");
                }
            }
        }
    }

    /**
     * Starts writing back the lines of a range; durable after the next {@link #fence}.
     *
     * @throws LostPageError when a page of the range is gone, and with it what was stored there: the write-back of its
     *     lines would kill the JVM
     */
    public void writeBack(long poolOffset, long lengthBytes) {
        requirePages(poolOffset, lengthBytes);
        domain.writeBack(poolOffset, lengthBytes);
    }

    public void fence() {
        domain.fence();
    }

    private void check(long poolOffset, long lengthBytes) {
        if ((poolOffset | lengthBytes) < 0 || poolOffset > sizeBytes - lengthBytes) {
            throw new IndexOutOfBoundsException(
                    "pool range [" + poolOffset + ", +" + lengthBytes + ") beyond " + sizeBytes);
        }
        // Costs nothing where assertions are off.
        assert observer == null || observer.touched(poolOffset, lengthBytes);
    }
}
