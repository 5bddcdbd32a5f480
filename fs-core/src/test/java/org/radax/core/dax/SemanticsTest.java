package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lock.LockOrder;

/** What is asked of faults, tags and writeback, by its number; the races among them are in {@link RacesTest}. */
final class SemanticsTest {
    private static final int LINES_PER_PAGE = 64;

    private final SimulatedFile file = new SimulatedFile(Threading.NATIVE, RaceSwitch.NONE, 512);
    private final SimulatedFile holes = new SimulatedFile(Threading.NATIVE, RaceSwitch.NONE, 0);
    private final SimulatedFile.Client client = file.new Client();

    /** What a test that failed left locked is no other's business. */
    @AfterEach
    void forgetLocks() {
        LockOrder.forget();
    }

    @Test
    void D01_shouldLeaveAnEntryForEachFault() throws FsException {
        client.load(1);
        client.store(2, 7);
        assertEquals(513, Entry.block(file.mapping.entry(1)));
        assertFalse(file.mapping.hasTag(1, PageIndex.DIRTY));
        assertTrue(file.mapping.hasTag(2, PageIndex.DIRTY));
        assertFalse(Entry.is(file.mapping.entry(2), Entry.LOCKED));
    }

    @Test
    void D02_shouldBeginAgainAndCountWhereTheEntryIsMissing() throws FsException {
        client.load(1);
        file.mapping.delete(1, 2);
        assertFalse(file.faults.store(file.mapping, client, 1, 1));
        assertEquals(1, file.faults.counts().retries());
        client.store(1, 7);
        assertTrue(file.mapping.hasTag(1, PageIndex.DIRTY));
    }

    @Test
    void D03_shouldMapTwoMebibytesAtOnce() throws FsException {
        assertTrue(file.faults.touchHuge(file.mapping, file, client, 100, false, 1));
        assertTrue(Entry.is(file.mapping.entry(511), Entry.HUGE));
        assertEquals(0, file.mapping.dirtyPages());
        client.store(5, 7);
        assertEquals(512, file.mapping.dirtyPages());
        file.sync();
        assertEquals(512L * LINES_PER_PAGE, file.linesWritten);
        file.assertDurable(5, 7);
        assertEquals(0, file.mapping.dirtyPages());
    }

    @Test
    void D03_shouldFallBackWhereSmallEntriesAre() throws FsException {
        client.load(300);
        assertFalse(file.faults.touchHuge(file.mapping, file, client, 0, true, 1));
        assertEquals(0, file.mapping.dirtyPages());
    }

    @Test
    void D05_shouldLeavePagesOutThatBecomeDirtyLater() throws FsException {
        client.store(1, 7);
        file.mapping.tagForWriteback(0, 512);
        assertTrue(file.mapping.hasTag(1, PageIndex.DIRTY));
        client.store(2, 8);
        assertEquals(1, file.mapping.nextToWrite(0, 512));
        assertEquals(Mapping.NOWHERE, file.mapping.nextToWrite(2, 512));
    }

    @Test
    void D07_shouldWriteProtectInEveryClient() throws FsException {
        SimulatedFile.Client other = file.new Client();
        client.store(1, 7);
        other.store(1, 8);
        file.sync();
        assertFalse(client.canStore(1));
        assertFalse(other.canStore(1));
        other.store(1, 9);
        assertTrue(file.mapping.hasTag(1, PageIndex.DIRTY));
    }

    @Test
    void D08_shouldRefuseToWriteBackAHole() throws FsException {
        SimulatedFile.Client reader = holes.new Client();
        reader.load(1);
        holes.mapping.noteWritten(1, 99, 1, false, 1);
        FsException e = assertThrows(FsException.class, holes::sync);
        assertEquals(Errno.EIO, e.errno());
        assertEquals(Errno.EIO, holes.mapping.errors().checkSince(0));
    }

    @Test
    void D09_shouldInsertALockedEmptyEntryWhereNoneIs() throws FsException {
        long locked = file.mapping.lock(3, false);
        assertTrue(Entry.is(locked, Entry.LOCKED));
        assertTrue(Entry.is(locked, Entry.EMPTY));
        assertEquals(locked, file.mapping.entry(3));
        assertEquals(Entry.NONE, file.mapping.entry(2));
        file.mapping.unlock(3);
        assertEquals(Entry.NONE, file.mapping.entry(3));
        locked = file.mapping.lock(700, true);
        assertTrue(Entry.is(locked, Entry.LOCKED));
        assertEquals(locked, file.mapping.entry(512));
        assertEquals(locked, file.mapping.entry(1023));
        file.mapping.unlock(512);
        assertEquals(Entry.NONE, file.mapping.entry(700));
    }

    @Test
    void D09_shouldLockTheEntryThatIsThere() throws FsException {
        client.load(3);
        long before = file.mapping.entry(3);
        long locked = file.mapping.lock(3, false);
        assertTrue(Entry.is(locked, Entry.LOCKED));
        assertEquals(before, Entry.unlocked(locked));
        assertEquals(locked, file.mapping.entry(3));
        file.mapping.unlock(3);
        assertEquals(before, file.mapping.entry(3));
    }

    @Test
    void D10_shouldWakeTheWaitersOfOneEntryOnly() {
        List<Long> woken = new ArrayList<>();
        Threading threading = new Recording(woken);
        WaitTable waits = new WaitTable(threading);
        Mapping one = new Mapping(1, Threading.NATIVE, waits);
        Mapping other = new Mapping(2, Threading.NATIVE, waits);
        // More than there are queues: many share one.
        for (long page = 0; page < 20_000; page++) {
            waits.enqueue(one, page);
            waits.enqueue(other, page);
        }
        waits.wake(other, 777, true);
        assertEquals(List.of(2 * 777L + 1), woken);
    }

    /** Notes which of its parkings ended, by the order they were made in. */
    private static final class Recording extends Threading {
        private final List<Long> ended;
        private long made;

        Recording(List<Long> ended) {
            this.ended = ended;
        }

        @Override
        public Mutex mutex() {
            return NATIVE.mutex();
        }

        @Override
        public SharedMutex sharedMutex() {
            return NATIVE.sharedMutex();
        }

        @Override
        public Parking parking() {
            long number = made++;
            return new Parking() {
                @Override
                public void await() {
                    throw new IllegalStateException("nobody waits here");
                }

                @Override
                public void end() {
                    ended.add(number);
                }
            };
        }

        @Override
        public void step() {
            // One thread.
        }
    }

    @Test
    void D13_shouldMapAHoleWithoutABlockAndFillItForAStore() throws FsException {
        SimulatedFile.Client reader = holes.new Client();
        SimulatedFile.Client writer = holes.new Client();
        assertEquals(0, reader.load(1));
        assertEquals(Blocks.HOLE, holes.blockOf[1]);
        assertTrue(Entry.is(holes.mapping.entry(1), Entry.HOLE));
        writer.store(1, 7);
        assertFalse(reader.maps(1), "the zero page is mapped still");
        assertEquals(7, reader.load(1));
    }

    @Test
    void D13_shouldUnmapAllOfAHugeHole() throws FsException {
        SimulatedFile.Client reader = holes.new Client();
        holes.mapHugeHole(reader);
        assertTrue(Entry.is(holes.mapping.entry(400), Entry.HUGE));
        holes.new Client().store(1, 7);
        assertFalse(reader.maps(400));
        assertEquals(7, reader.load(1));
        assertEquals(0, reader.load(400));
    }

    @Test
    void D14_shouldLookAgainAfterItGotMemory() throws FsException {
        for (int page = 0; page < 512; page++) {
            client.store(page, page);
        }
        assertEquals(512, file.mapping.dirtyPages());
    }

    /** D21: the tags of stores outlive the unmapping. */
    @Test
    void D21_shouldKeepTagsOverUnmapping() throws FsException {
        client.store(1, 7);
        client.unmap(0, 512);
        file.sync();
        file.assertDurable(1, 7);
    }

    @Test
    void D23_shouldFaultAgainForTheFirstStore() throws FsException {
        client.load(1);
        client.store(1, 7);
        client.store(1, 8);
        assertEquals(1, file.faults.counts().reads());
        assertEquals(1, file.faults.counts().stores());
    }

    @Test
    void D24_shouldNotWriteHolesBack() throws FsException {
        SimulatedFile.Client reader = holes.new Client();
        reader.load(1);
        holes.sync();
        assertEquals(0, holes.linesWritten);
    }

    /** What it stored is durable by its own flush alone, block and all; a sync has nothing to do. */
    @Test
    void D25_shouldOweNothingForAMappingThatFlushesItself() throws FsException {
        SimulatedFile.Client itself = holes.new Client(true);
        itself.store(1, 7);
        itself.flush(1);
        holes.assertDurable(1, 7);
        long lines = holes.linesWritten;
        holes.sync();
        assertEquals(lines, holes.linesWritten);
        // The same of a first store to a page that it had loaded from.
        SimulatedFile.Client other = file.new Client(true);
        other.load(2);
        other.store(2, 8);
        other.flush(2);
        file.assertDurable(2, 8);
        // And of 2 MiB.
        SimulatedFile huge = new SimulatedFile(Threading.NATIVE, RaceSwitch.NONE, 512);
        assertTrue(huge.faults.touchHuge(huge.mapping, huge, huge.new Client(true), 0, true, 1));
        assertEquals(0, file.mapping.dirtyPages() + holes.mapping.dirtyPages() + huge.mapping.dirtyPages());
        // Who does not flush, in the same file, is owed.
        client.store(2, 9);
        assertTrue(file.mapping.hasTag(2, PageIndex.DIRTY));
        other.store(2, 10);
        file.sync();
        file.assertDurable(2, 10);
    }

    @Test
    void D25_shouldCommitTheBlockBeforeThePageIsWritable() throws FsException {
        holes.commitsLate = true;
        SimulatedFile.Client late = holes.new Client(true);
        assertThrows(AssertionError.class, () -> late.store(1, 7));
        assertFalse(late.canStore(1));
        holes.commitsLate = false;
        late.store(2, 7);
        assertTrue(late.canStore(2));
    }

    /** D26: between chunks; what was done is durable, the rest stays dirty. */
    @Test
    void D26_shouldEndBetweenChunksWhenCancelled() throws FsException {
        long far = 3L << 18;
        file.mapping.noteWritten(0, 512, 1, false, 1);
        file.mapping.noteWritten(far, 513, 1, false, 1);
        int[] asked = {0};
        FsException e = assertThrows(
                FsException.class,
                () -> file.writeback.flush(
                        file.mapping, 0, Mapping.MAX_PAGES, 1, () -> asked[0]++ == 1, (from, to) -> {}));
        assertEquals(Errno.EINTR, e.errno());
        assertFalse(file.mapping.hasTag(0, PageIndex.DIRTY));
        assertTrue(file.mapping.hasTag(far, PageIndex.DIRTY));
    }

    @Test
    void D29_shouldForgetPagesOnlyWhenTheyAreIdle() throws FsException {
        client.store(1, 7);
        file.sync();
        client.unmap(0, 512);
        // Tracked, and not busy.
        assertEquals(513, Entry.block(file.mapping.entry(1)));
        assertTrue(client.awaitIdle(0, 512, false));
        file.truncate(1);
        assertEquals(Entry.NONE, file.mapping.entry(1));
    }

    @Test
    void D34_shouldRefuseToSwitchAMappedFile() throws FsException {
        client.load(1);
        file.switchAway();
        assertEquals(7 - 7, file.visible(1));
        client.store(1, 7);
        assertEquals(7, file.visible(1));
    }

    @Test
    void D37_shouldTellEveryMapperOfABadPage() throws FsException {
        SimulatedFile.Client other = file.new Client();
        client.store(1, 7);
        other.load(1);
        file.badBlock = 513;
        FsException e = assertThrows(FsException.class, file::sync);
        assertEquals(Errno.EIO, e.errno());
        assertFalse(client.maps(1));
        assertFalse(other.maps(1));
        assertEquals(Errno.EIO, file.mapping.errors().checkSince(0));
        assertTrue(file.mapping.hasTag(1, PageIndex.DIRTY));
    }
}
