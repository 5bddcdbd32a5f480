package org.radax.core.pool;

import java.util.Arrays;
import org.radax.core.os.LibC;
import org.radax.core.unit.Units;

/**
 * Durability by msync: pools in plain files on ordinary storage. A write-back notes the pages, a fence msyncs them
 * in address order, neighbours in one call.
 *
 * <p>A fence makes durable what other threads noted too. The kernel tells an error once, and calls the pages clean from then
 * on: after one all fences fail, so that nobody takes what he noted for durable, and the next commit ends the journal.
 */
public final class MsyncDomain implements PersistenceDomain {
    private final long base;
    private long[] ranges = new long[256];
    private int count;
    private String failure;

    public MsyncDomain(long base) {
        this.base = base;
    }

    @Override
    public synchronized void writeBack(long poolOffset, long lengthBytes) {
        if (lengthBytes == 0) {
            return;
        }
        if (count == ranges.length) {
            if (count >= 65536) {
                fence();
            } else {
                ranges = Arrays.copyOf(ranges, count * 2);
            }
        }
        // One word per range: page number (36 bits) and page count (28 bits).
        long firstPage = Units.blockOf(poolOffset);
        long pages = Units.blockOf(poolOffset + lengthBytes - 1) - firstPage + 1;
        ranges[count++] = firstPage << 28 | Math.min(pages, (1L << 28) - 1);
    }

    /** Holds the lock over msync: a fence returns only when write-backs noted before it are durable. */
    @Override
    public synchronized void fence() {
        if (failure != null) {
            throw LostPageError.now(failure);
        }
        Arrays.sort(ranges, 0, count);
        int i = 0;
        while (i < count) {
            long start = ranges[i] >>> 28;
            long end = start + (ranges[i] & ((1L << 28) - 1));
            i++;
            while (i < count && ranges[i] >>> 28 <= end) {
                end = Math.max(end, (ranges[i] >>> 28) + (ranges[i] & ((1L << 28) - 1)));
                i++;
            }
            long address = base + Units.blockToBytes(start);
            if (LibC.INSTANCE.msync(address, Units.blockToBytes(end - start), LibC.MS_SYNC) != 0) {
                failure = "msync of pool pages [" + start + ", " + end + "): " + LibC.lastError();
                throw LostPageError.now(failure);
            }
        }
        count = 0;
    }

    @Override
    public String name() {
        return "msync";
    }
}
