package org.radax.core.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.radax.core.alloc.GroupIndex.Kind;

/** Against a list of what each group has. */
final class GroupIndexTest {
    private final boolean[][] has;
    private final GroupIndex index;
    private final Random random = new Random(3);

    GroupIndexTest() {
        has = new boolean[300][2];
        index = new GroupIndex(has.length);
    }

    private boolean may(Kind kind, int group) {
        return switch (kind) {
            case WHOLE_RUN -> has[group][0];
            case BROKEN_RUN -> has[group][1];
            case ANYTHING -> has[group][0] || has[group][1];
        };
    }

    /** By looking at each. */
    private List<Long> inRing(Kind kind, int home, int count) {
        List<Long> steps = new ArrayList<>();
        for (int step = 0; step < count; step++) {
            if (may(kind, (home + step) % count)) {
                steps.add((long) step);
            }
        }
        return steps;
    }

    private List<Long> found(Kind kind, int home, int count) {
        List<Long> steps = new ArrayList<>();
        for (long step = index.nextStep(kind, home, 0, count);
                step < count;
                step = index.nextStep(kind, home, step + 1, count)) {
            steps.add(step);
        }
        return steps;
    }

    @Test
    void shouldFindTheGroupsThatHaveSomething() {
        for (int round = 0; round < 20_000; round++) {
            int group = random.nextInt(has.length);
            // Few at first, then all, then few again.
            has[group][0] = random.nextInt(20_000) < round;
            has[group][1] = random.nextInt(20_000) > round && random.nextInt(50) == 0;
            index.note(group, has[group][0], has[group][1]);
            if (round % 37 == 0) {
                int count = 1 + random.nextInt(has.length);
                int home = random.nextInt(count);
                for (Kind kind : Kind.values()) {
                    assertEquals(inRing(kind, home, count), found(kind, home, count), kind + " " + home + " " + count);
                }
            }
        }
    }

    /** Groups of one word are noted by different threads. */
    @Test
    void shouldLoseNoNote() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int group = 0; group < 4; group++) {
            int mine = group;
            Thread thread = new Thread(() -> {
                for (int i = 0; i <= 100_000; i++) {
                    index.note(mine, i % 2 == 0, i % 3 == 0);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(0L, 1L, 2L, 3L), found(Kind.WHOLE_RUN, 0, has.length));
        assertEquals(List.of(), found(Kind.BROKEN_RUN, 0, has.length));
        assertEquals(List.of(0L, 1L, 2L, 3L), found(Kind.ANYTHING, 0, has.length));
    }
}
