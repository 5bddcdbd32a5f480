package org.radax.dax;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.unit.Units;
import org.radax.dax.DaxException.Reason;

/**
 * Which addresses of an arena are in use. Those that were given back are taken again only when there are no others: who
 * still uses an address after its mapping was closed finds nothing there for a long time. Thread-safe.
 */
final class Addresses {
    private final long start;
    private final long end;

    @GuardedBy("this")
    private long next;

    /** Given back: from start to end, neighbours merged. */
    @GuardedBy("this")
    private final TreeMap<Long, Long> free = new TreeMap<>();

    Addresses(long start, long lengthBytes) {
        this.start = start;
        this.end = start + lengthBytes;
        this.next = start;
    }

    /**
     * Takes addresses that lie to 2 MiB as the file does, so that huge pages can be had.
     *
     * @throws DaxException if there are not so many in one piece
     */
    synchronized long take(long fileOffset, long lengthBytes) throws DaxException {
        long at = fit(next, end, fileOffset, lengthBytes);
        if (at >= 0) {
            giveBack(next, at - next);
            next = at + lengthBytes;
            return at;
        }
        giveBack(next, end - next);
        next = end;
        for (Map.Entry<Long, Long> range : free.entrySet()) {
            long from = range.getKey();
            long to = range.getValue();
            at = fit(from, to, fileOffset, lengthBytes);
            if (at >= 0) {
                free.remove(from);
                giveBack(from, at - from);
                giveBack(at + lengthBytes, to - (at + lengthBytes));
                return at;
            }
        }
        throw new DaxException(
                Reason.UNSUPPORTED,
                "no " + lengthBytes + " bytes of addresses in one piece: of the " + (end - start)
                        + " for this mount others have the rest; close mappings");
    }

    /** Where it fits into a range, or -1. */
    private static long fit(long from, long to, long fileOffset, long lengthBytes) {
        long phase = fileOffset & (Units.RUN_BYTES - 1);
        long at = Units.alignUp(from - phase, Units.RUN_BYTES) + phase;
        return lengthBytes <= to - at ? at : -1;
    }

    synchronized void giveBack(long address, long lengthBytes) {
        if (lengthBytes == 0) {
            return;
        }
        long from = address;
        long to = address + lengthBytes;
        Map.Entry<Long, Long> before = free.floorEntry(from);
        if (before != null && before.getValue() == from) {
            from = before.getKey();
        }
        Long behind = free.remove(to);
        free.put(from, behind == null ? to : behind);
    }
}
