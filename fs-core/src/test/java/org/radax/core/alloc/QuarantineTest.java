package org.radax.core.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class QuarantineTest {
    private final Quarantine quarantine = new Quarantine();

    private static List<String> told(List<BlockRange> ranges) {
        return ranges.stream()
                .map(range -> range.start() + "+" + range.count())
                .sorted()
                .toList();
    }

    @Test
    void shouldKeepBackWhatIsHeld() {
        assertTrue(quarantine.isEmpty());
        quarantine.hold("a", 10, 5);
        quarantine.hold("a", 30, 1);
        assertFalse(quarantine.isEmpty());
        assertEquals(List.of("15+15", "31+9", "5+5"), told(quarantine.sift(5, 35)));
        assertEquals(List.of("40+2"), told(quarantine.sift(40, 2)));
        assertEquals(List.of("10+5", "30+1"), told(quarantine.release("a")));
        assertTrue(quarantine.isEmpty());
    }

    /** Two processes had it mapped: it is free when both are gone. */
    @Test
    void shouldWaitForTheLastHolder() {
        quarantine.hold("a", 10, 10);
        quarantine.hold("b", 15, 10);
        assertEquals(List.of(), told(quarantine.sift(10, 15)));
        assertEquals(List.of("10+5"), told(quarantine.release("a")));
        assertFalse(quarantine.isEmpty());
        assertEquals(List.of("15+10"), told(quarantine.release("b")));
        assertTrue(quarantine.isEmpty());
    }

    @Test
    void shouldForgetWhatWasNeverFreed() {
        quarantine.hold("a", 10, 10);
        assertEquals(List.of(), told(quarantine.release("a")));
        assertTrue(quarantine.isEmpty());
        assertEquals(List.of("10+10"), told(quarantine.sift(10, 10)));
    }

    /** As a plain list of what is held has it. */
    @Test
    void shouldHoldWhatAnyOwnerHolds() {
        SplittableRandom random = new SplittableRandom(1);
        Map<String, BitSet> holders = new HashMap<>();
        BitSet kept = new BitSet();
        for (int step = 0; step < 20_000; step++) {
            int start = random.nextInt(300);
            int count = 1 + random.nextInt(20);
            String owner = "owner " + random.nextInt(5);
            List<BlockRange> free;
            BitSet expected = new BitSet();
            if (random.nextInt(3) == 0) {
                quarantine.hold(owner, start, count);
                holders.computeIfAbsent(owner, any -> new BitSet()).set(start, start + count);
                continue;
            } else if (random.nextInt(4) == 0) {
                holders.remove(owner);
                free = quarantine.release(owner);
                expected.or(kept);
            } else {
                if (kept.nextSetBit(start) >= 0 && kept.nextSetBit(start) < start + count) {
                    // What is kept back is freed already.
                    continue;
                }
                free = quarantine.sift(start, count);
                expected.set(start, start + count);
            }
            BitSet held = new BitSet();
            holders.values().forEach(held::or);
            kept.or(expected);
            kept.and(held);
            expected.andNot(held);
            BitSet told = new BitSet();
            free.forEach(range -> told.set((int) range.start(), (int) (range.start() + range.count())));
            assertEquals(expected, told, "step " + step);
        }
    }
}
