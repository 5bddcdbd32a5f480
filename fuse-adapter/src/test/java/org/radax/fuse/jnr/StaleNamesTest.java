package org.radax.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class StaleNamesTest {
    private final StaleNames names = new StaleNames(TimeUnit.HOURS.toNanos(1));

    @Test
    void shouldHaveANodeLookedUpAgainOnce() {
        assertTrue(names.found(1, 7));
        assertTrue(names.found(1, 8), "another took its place, and went too");
        assertFalse(names.found(1, 8), "nothing took its place");
        assertTrue(names.found(2, 8), "another caller");
    }

    @Test
    void shouldHoldRemovalsUntilTheCallerHasOpened() throws Exception {
        names.found(1, 7);
        names.found(2, 7);
        Thread removal = start(names::beginRemoval);
        assertEquals(Thread.State.TIMED_WAITING, settled(removal));
        names.opened(1);
        assertEquals(Thread.State.TIMED_WAITING, settled(removal));
        names.opened(2);
        removal.join();
    }

    @Test
    void shouldTellTheCallerAfterRemovalsUnderWay() throws Exception {
        names.beginRemoval();
        Thread answer = start(() -> names.found(1, 7));
        assertEquals(Thread.State.TIMED_WAITING, settled(answer));
        names.endRemoval();
        answer.join();
    }

    @Test
    void shouldNotHoldRemovalsForLong() {
        StaleNames impatient = new StaleNames(1);
        impatient.found(1, 7);
        impatient.beginRemoval();
        impatient.found(2, 7);
    }

    private static Thread start(Runnable code) {
        Thread thread = new Thread(code);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waiting or ended. */
    private static Thread.State settled(Thread thread) {
        Thread.State state = thread.getState();
        while (state != Thread.State.TIMED_WAITING && state != Thread.State.TERMINATED) {
            Thread.onSpinWait();
            state = thread.getState();
        }
        return state;
    }
}
