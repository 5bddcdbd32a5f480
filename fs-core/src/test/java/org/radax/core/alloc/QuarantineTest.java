package org.radax.core.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
        assertEquals(List.of("15+5", "20+5"), told(quarantine.release("b")));
        assertTrue(quarantine.isEmpty());
    }

    @Test
    void shouldForgetWhatWasNeverFreed() {
        quarantine.hold("a", 10, 10);
        assertEquals(List.of(), told(quarantine.release("a")));
        assertTrue(quarantine.isEmpty());
        assertEquals(List.of("10+10"), told(quarantine.sift(10, 10)));
    }
}
