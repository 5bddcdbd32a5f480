package org.radax.core.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class TimestampTest {
    private static final long YEAR_1901 = -2147483648L;
    private static final long YEAR_2446 = 15032385535L;

    @Test
    void shouldKeepTimesFrom1901To2446() {
        for (long seconds : new long[] {YEAR_1901, -315593940, -1, 0, 1, 1L << 31, 9223372037L, YEAR_2446}) {
            for (int nanos : new int[] {0, 1, 999_999_999}) {
                long timestamp = Timestamp.of(seconds, nanos);
                assertEquals(seconds, Timestamp.seconds(timestamp));
                assertEquals(nanos, Timestamp.nanos(timestamp));
            }
        }
    }

    @Test
    void shouldMoveTimesBeyondTheRangeToItsEnds() {
        assertEquals(YEAR_1901, Timestamp.seconds(Timestamp.of(Long.MIN_VALUE, 0)));
        assertEquals(YEAR_2446, Timestamp.seconds(Timestamp.of(Long.MAX_VALUE, 0)));
    }

    @Test
    void shouldBeNanosecondsSince1970InMemory() {
        assertEquals(1_500_000_000L, Timestamp.of(1, 500_000_000));
        assertEquals(-1L, Timestamp.of(-1, 999_999_999));
    }

    @Test
    void shouldOrderTimesBefore1970BeforeThoseAfter2262() {
        long[] ascending = {
            Timestamp.of(YEAR_1901, 0), Timestamp.of(-1, 0), 0, Long.MAX_VALUE, Timestamp.of(YEAR_2446, 0)
        };
        for (int i = 1; i < ascending.length; i++) {
            assertTrue(Timestamp.compare(ascending[i - 1], ascending[i]) < 0, "at " + i);
            assertTrue(Timestamp.compare(ascending[i], ascending[i - 1]) > 0, "at " + i);
        }
    }
}
