package org.radax.fuse.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a region shows, against an array that has a block for each page. */
final class RegionTest {
    private static final int FIRST = 100;
    private static final int PAGES = 64;
    private static final long HOLE = -1;

    @Test
    void shouldShowAndHideAsAnArrayDoes() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            Region region = new Region(null, 1 << 20, FIRST, FIRST + PAGES, true);
            long[] model = new long[PAGES];
            java.util.Arrays.fill(model, HOLE);
            for (int step = 0; step < 60; step++) {
                int start = random.nextInt(PAGES);
                int end = start + 1 + random.nextInt(PAGES - start);
                if (random.nextBoolean()) {
                    show(region, model, start, end, random.nextInt(1_000_000));
                } else {
                    region.hide(FIRST + start, FIRST + end);
                    java.util.Arrays.fill(model, start, end, HOLE);
                }
                assertSame(region, model, start, end);
                assertSame(region, model, 0, PAGES);
            }
        }
    }

    /** Where something is shown already it stays; the run reaches beyond the region on both sides. */
    private static void show(Region region, long[] model, int start, int end, long block) {
        int before = start == 0 ? 3 : 0;
        int behind = end == PAGES ? 5 : 0;
        for (Region.Piece part :
                region.missing(FIRST + start - before, block - before, end - start + before + behind)) {
            region.show(part);
        }
        for (int page = start; page < end; page++) {
            model[page] = model[page] == HOLE ? block + (page - start) : model[page];
        }
    }

    private static void assertSame(Region region, long[] model, int start, int end) {
        long[] seen = new long[PAGES];
        java.util.Arrays.fill(seen, HOLE);
        for (Region.Piece piece : region.within(FIRST + start, FIRST + end)) {
            assertTrue(piece.start() >= FIRST + start && piece.end() <= FIRST + end && piece.count() > 0);
            for (long page = piece.start(); page < piece.end(); page++) {
                seen[(int) (page - FIRST)] = piece.poolBlock() + (page - piece.start());
            }
        }
        int shown = 0;
        for (int page = start; page < end; page++) {
            assertEquals(model[page], seen[page]);
            shown += model[page] == HOLE ? 0 : 1;
        }
        long inRuns = 0;
        long last = -1;
        for (long[] run : region.shown(FIRST + start, FIRST + end)) {
            assertTrue(run[0] > last, "runs do not touch");
            inRuns += run[1] - run[0];
            last = run[1];
        }
        assertEquals(shown, inRuns);
    }

    /** A page of bad memory does not come back with its neighbours. */
    @Test
    void shouldNotShowThePoisoned() {
        Region region = new Region(null, 1 << 20, FIRST, FIRST + PAGES, true);
        region.poison(105);
        assertEquals(
                java.util.List.of(new Region.Piece(100, 5, 500), new Region.Piece(106, 4, 506)),
                region.missing(100, 500, 10));
    }

    @Test
    void shouldTakePoisonOnce() {
        Region region = new Region(null, 1 << 20, FIRST, FIRST + PAGES, true);
        region.poison(105);
        region.poison(110);
        assertEquals(java.util.List.of(105L), region.takePoisoned(FIRST, 110));
        assertEquals(java.util.List.of(), region.takePoisoned(FIRST, 110));
        assertEquals(java.util.List.of(110L), region.takePoisoned(110, 111));
    }
}
