package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Seeded lives of a volume against {@link PlainModel}, remounts between; fsck clean; everything free at the end. */
final class VolumeModelTest {
    private static final long SEEDS = Long.getLong("radax.model.seeds", 6);
    private static final int STEPS = 3000;

    @Test
    void shouldDoAsTheModelDoes() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            ModelRun.run(seed, 160L << 20, 0, STEPS, 400_000);
        }
    }

    /** The pool is full most of the time: an operation that finds no room leaves no trace. */
    @Test
    void shouldDoAsTheModelDoesOnAFullPool() throws Exception {
        int refused = 0;
        for (long seed = 101; seed <= 100 + SEEDS; seed++) {
            refused += ModelRun.run(seed, 16L << 20, 400, STEPS, 400_000);
        }
        assertTrue(refused > 100 * SEEDS, "ENOSPC came " + refused + " times only");
    }
}
