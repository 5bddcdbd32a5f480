package org.radax.fuse.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;

final class LockTableTest {
    private static final long INO = 5;

    private final LockTable table = new LockTable(LockTable.Kind.RANGES);
    private final List<String> told = new ArrayList<>();

    private static LockRange lock(long owner, int type, long start, long end) {
        return new LockRange(owner, owner * 100, (int) owner, type, start, end);
    }

    private static LockRange write(long owner, long start, long end) {
        return lock(owner, LockType.WRITE, start, end);
    }

    private static LockRange read(long owner, long start, long end) {
        return lock(owner, LockType.READ, start, end);
    }

    private void waitFor(LockRange wanted, long unique) {
        table.setAndWait(INO, wanted, unique, errno -> told.add(unique + ":" + errno));
    }

    @Test
    void shouldShareReadLocksAndRefuseWriters() {
        assertNull(table.set(INO, read(1, 0, 9)));
        assertNull(table.set(INO, read(2, 5, 20)));
        assertEquals(Errno.EAGAIN, table.set(INO, write(3, 9, 9)));
        assertNull(table.set(INO, write(3, 21, Long.MAX_VALUE)));
        assertNull(table.set(INO + 1, write(3, 0, 9)));
        assertEquals(1, table.test(INO, write(3, 0, 4)).pid());
        assertNull(table.test(INO, read(3, 0, 20)));
    }

    @Test
    void shouldSplitAndUpgradeAnOwnersRange() {
        table.set(INO, read(1, 0, 99));
        assertNull(table.set(INO, write(1, 40, 59)));
        assertNull(table.set(INO, read(2, 0, 39)));
        assertEquals(Errno.EAGAIN, table.set(INO, read(2, 59, 59)));
        assertNull(table.set(INO, lock(1, LockType.UNLOCK, 50, 59)));
        assertNull(table.set(INO, write(2, 50, 59)));
        assertEquals(Errno.EAGAIN, table.set(INO, write(2, 49, 49)));
    }

    @Test
    void shouldGrantWaitersInOrderWhenTheHolderLetsGo() {
        table.set(INO, write(1, 0, 9));
        waitFor(write(2, 0, 4), 22);
        waitFor(write(3, 5, 9), 33);
        waitFor(read(4, 0, 9), 44);
        assertEquals(3, table.waiting());
        table.releaseOwner(INO, 1);
        assertEquals(List.of("22:null", "33:null"), told);
        table.releaseHandle(INO, 200);
        table.releaseHandle(INO, 300);
        assertEquals("44:null", told.get(2));
    }

    @Test
    void shouldEndAWaitByInterrupt() {
        table.set(INO, write(1, 0, 9));
        waitFor(write(2, 0, 4), 22);
        table.interrupt(22);
        assertEquals(List.of("22:EINTR"), told);
        table.releaseOwner(INO, 1);
        assertNull(table.test(INO, write(9, 0, 9)));
        assertEquals(1, told.size());
    }

    @Test
    void shouldHonourAnInterruptThatOvertookItsRequest() {
        table.set(INO, write(1, 0, 9));
        table.interrupt(22);
        waitFor(write(2, 0, 4), 22);
        assertEquals(List.of("22:EINTR"), told);
    }

    @Test
    void shouldRefuseTheWaitThatClosesACircle() {
        table.set(INO, write(1, 0, 0));
        table.set(INO, write(2, 1, 1));
        table.set(INO, write(3, 2, 2));
        waitFor(write(1, 1, 1), 10);
        waitFor(write(2, 2, 2), 20);
        waitFor(write(3, 0, 0), 30);
        assertEquals(List.of("30:EDEADLK"), told);
        table.releaseOwner(INO, 3);
        assertEquals("20:null", told.get(1));
    }

    @Test
    void shouldLoseTheOldFlockWhenAConversionFails() {
        LockTable files = new LockTable(LockTable.Kind.WHOLE_FILES);
        files.set(INO, read(1, 0, Long.MAX_VALUE));
        files.set(INO, read(2, 0, Long.MAX_VALUE));
        assertEquals(Errno.EAGAIN, files.set(INO, write(1, 0, Long.MAX_VALUE)));
        assertNull(files.set(INO, write(2, 0, Long.MAX_VALUE)));
    }

    /** Against a plain array: who holds what on each byte. */
    @Test
    void shouldAgreeWithAModelByteByByte() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            LockTable real = new LockTable(LockTable.Kind.RANGES);
            int[][] held = new int[4][32];
            for (int step = 0; step < 500; step++) {
                int owner = random.nextInt(4);
                int type = random.nextInt(3);
                int start = random.nextInt(32);
                int end = start + random.nextInt(32 - start);
                boolean free = true;
                for (int other = 0; other < 4; other++) {
                    for (int i = start; i <= end && other != owner && type != LockType.UNLOCK; i++) {
                        free &= held[other][i] == 0 || (held[other][i] == 1 && type == LockType.READ);
                    }
                }
                Errno answer = real.set(INO, lock(owner, type, start, end));
                assertEquals(free, answer == null, "seed " + seed + " step " + step);
                for (int i = start; i <= end && free; i++) {
                    held[owner][i] = type == LockType.UNLOCK ? 0 : type + 1;
                }
            }
            for (int i = 0; i < 32; i++) {
                boolean any = held[0][i] + held[1][i] + held[2][i] + held[3][i] > 0;
                LockRange found = real.test(INO, write(9, i, i));
                if (any) {
                    assertNotNull(found, "seed " + seed + " byte " + i);
                } else {
                    assertNull(found, "seed " + seed + " byte " + i);
                }
            }
        }
    }
}
