package org.radax.fuse.dispatch;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.radax.fuse.wire.Opcode;

/**
 * How long requests took, from being read to their answer, in nanoseconds: two significant digits, for each kind of request
 * that came. A request that waits for a lock counts until it is set aside. Thread-safe.
 */
public final class Latencies {
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 2;

    private final AtomicReferenceArray<ConcurrentHistogram> byOpcode = new AtomicReferenceArray<>(Opcode.LIMIT);

    void record(int opcode, long nanos) {
        if (opcode < 0 || opcode >= byOpcode.length()) {
            return;
        }
        ConcurrentHistogram histogram = byOpcode.get(opcode);
        if (histogram == null) {
            byOpcode.compareAndSet(opcode, null, new ConcurrentHistogram(LONGEST_NANOS, DIGITS));
            histogram = byOpcode.get(opcode);
        }
        histogram.recordValue(Math.min(nanos, LONGEST_NANOS));
    }

    /** A copy of what there is now, by the request's name in lower case. */
    public Map<String, Histogram> snapshot() {
        Map<String, Histogram> all = new TreeMap<>();
        for (int opcode = 0; opcode < byOpcode.length(); opcode++) {
            ConcurrentHistogram histogram = byOpcode.get(opcode);
            if (histogram != null) {
                all.put(Opcode.nameOf(opcode), histogram.copy());
            }
        }
        return all;
    }
}
