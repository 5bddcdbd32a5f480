package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;
import org.radax.core.error.FsException;
import org.radax.core.lock.LockOrder;

/**
 * The index under its lock, and entry locks with their wait queues, on the JVM's own locks as in a mounted volume.
 * Lincheck makes up operations for each thread, runs their interleavings, and wants each to look as if the operations
 * had come one after the other on the plain class beside it; a thread that sleeps for ever is a failure too.
 */
final class MappingLincheckTest {
    private static ModelCheckingOptions options(int threads, Class<?> specification) {
        int iterations = switch (System.getProperty("radax.check", "")) {
            case "fast" -> 1;
            case "nightly" -> 200;
            default -> 3;
        };
        return new ModelCheckingOptions()
                .threads(threads)
                .actorsPerThread(2)
                .actorsBefore(2)
                .actorsAfter(2)
                .iterations(iterations)
                .invocationsPerIteration(60)
                .sequentialSpecification(specification)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(LockOrder.class.getName())
                        .allMethods()
                        .ignore());
    }

    /** The index is guarded by the tree lock, as the first test shows: threads take turns around its methods. */
    private static ModelCheckingOptions lockOptions() {
        return options(3, PlainEntries.class)
                .actorsPerThread(1)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(PageIndex.class.getName())
                        .allMethods()
                        .treatAsAtomic());
    }

    private static WaitTable waits() {
        return new WaitTable(Threading.NATIVE, 2);
    }

    /** Each operation is atomic by itself. The pages lie on both sides of a leaf's end. */
    @Param(name = "page", gen = IntGen.class, conf = "63:64")
    public static class Index {
        private final Mapping mapping;

        public Index() {
            this(Threading.NATIVE);
        }

        Index(Threading threading) {
            mapping = new Mapping(1, threading, waits());
        }

        @Operation
        public void dirty(@Param(name = "page") int page) {
            mapping.noteWritten(page, page, 1, false, 1);
        }

        @Operation
        public void report(@Param(name = "page") int page) {
            mapping.noteWritten(page, page, 1, true, 1);
        }

        @Operation
        public void tagForWriteback(@Param(name = "page") int page) {
            mapping.tagForWriteback(page, 65);
        }

        @Operation
        public void settleReported(@Param(name = "page") int page) {
            mapping.settleReported(page, 65);
        }

        @Operation
        public void dropClean() {
            mapping.dropClean();
        }

        @Operation
        public void delete(@Param(name = "page") int page) {
            mapping.delete(page, page + 1L);
        }

        @Operation
        public long nextDirty(@Param(name = "page") int page) {
            return mapping.nextDirty(page, 65);
        }

        @Operation
        public long nextToWrite(@Param(name = "page") int page) {
            return mapping.nextToWrite(page, 65);
        }

        @Operation
        public boolean isKnown(@Param(name = "page") int page) {
            return mapping.entry(page) != Entry.NONE;
        }
    }

    public static final class IndexWithoutLock extends Index {
        public IndexWithoutLock() {
            super(new WithoutMutex());
        }
    }

    /** As the JVM's, but that nobody excludes anybody. */
    private static final class WithoutMutex extends Threading {
        @Override
        public Mutex mutex() {
            return new Mutex() {
                @Override
                public void lock() {
                    // The planted bug.
                }

                @Override
                public void unlock() {
                    // As above.
                }
            };
        }

        @Override
        public SharedMutex sharedMutex() {
            return NATIVE.sharedMutex();
        }

        @Override
        public Parking parking() {
            return NATIVE.parking();
        }

        @Override
        public void step() {
            // The model checker lets others in between.
        }
    }

    /** Two pages: known, dirty, to be written, reported. */
    public static final class PlainIndex {
        private static final int FIRST = 63;

        private final boolean[] known = new boolean[2];
        private final boolean[] dirty = new boolean[2];
        private final boolean[] toWrite = new boolean[2];
        private final boolean[] reported = new boolean[2];

        public void dirty(int page) {
            known[page - FIRST] = true;
            dirty[page - FIRST] = true;
        }

        public void report(int page) {
            known[page - FIRST] = true;
            reported[page - FIRST] = true;
        }

        public void tagForWriteback(int page) {
            for (int i = page - FIRST; i < 2; i++) {
                toWrite[i] |= dirty[i];
            }
        }

        public void settleReported(int page) {
            for (int i = page - FIRST; i < 2; i++) {
                if (reported[i] && !dirty[i]) {
                    delete(FIRST + i);
                }
                reported[i] = false;
            }
        }

        public void dropClean() {
            for (int i = 0; i < 2; i++) {
                known[i] = dirty[i] || toWrite[i] || reported[i];
            }
        }

        public void delete(int page) {
            known[page - FIRST] = false;
            dirty[page - FIRST] = false;
            toWrite[page - FIRST] = false;
            reported[page - FIRST] = false;
        }

        public long nextDirty(int page) {
            return next(page, dirty);
        }

        public long nextToWrite(int page) {
            return next(page, toWrite);
        }

        private static long next(int page, boolean[] tagged) {
            for (int i = page - FIRST; i < 2; i++) {
                if (tagged[i]) {
                    return (long) FIRST + i;
                }
            }
            return Mapping.NOWHERE;
        }

        public boolean isKnown(int page) {
            return known[page - FIRST];
        }
    }

    @Test
    void shouldHaveAnIndexThatIsLinearizable() {
        options(2, PlainIndex.class).check(Index.class);
    }

    @Test
    void shouldFindAnIndexWithoutItsLock() {
        assertThrows(
                LincheckAssertionError.class,
                () -> options(2, PlainIndex.class).minimizeFailedScenario(false).check(IndexWithoutLock.class));
    }

    /** What an entry's lock guards is counted with no other lock. */
    @Param(name = "page", gen = IntGen.class, conf = "1:2")
    public static class EntryLocks {
        private final Mapping mapping;
        private final int[] counters = new int[3];

        public EntryLocks() {
            this(RaceSwitch.NONE);
        }

        EntryLocks(RaceSwitch race) {
            mapping = new Mapping(1, Threading.NATIVE, waits(), race);
        }

        /** A load from a hole. */
        @Operation
        public int load(@Param(name = "page") int page) throws FsException {
            return fault(page, Blocks.HOLE);
        }

        @Operation
        public int fill(@Param(name = "page") int page) throws FsException {
            return fault(page, page);
        }

        private int fault(int page, long block) throws FsException {
            long locked = mapping.lock(page, false);
            mapping.insert(page, locked, block, block >= 0, 1);
            int count = ++counters[page];
            mapping.unlock(page);
            return count;
        }

        /** A fault that fails: an entry that was not there before is not there afterwards. */
        @Operation
        public int fail(@Param(name = "page") int page) throws FsException {
            mapping.lock(page, false);
            int count = ++counters[page];
            mapping.unlock(page);
            return count;
        }

        /** To a page that is mapped; 0: it has no block. */
        @Operation
        public int store(@Param(name = "page") int page) {
            if (mapping.lockForStore(page, true, 1) == Entry.NONE) {
                return 0;
            }
            int count = ++counters[page];
            mapping.unlockAfterStore(page);
            return count;
        }

        @Operation
        public void sync(@Param(name = "page") int page) throws FsException {
            mapping.tagForWriteback(page, page + 1L);
            WritebackBatch batch = new WritebackBatch();
            for (long at = page; at != Mapping.NOWHERE; ) {
                at = mapping.writeBack(batch, at, page + 1L, (first, block, blocks) -> {}, 1);
            }
        }

        @Operation
        public void delete(@Param(name = "page") int page) {
            mapping.delete(page, page + 1L);
        }
    }

    public static final class EntryLocksWakeKept extends EntryLocks {
        public EntryLocksWakeKept() {
            super(RaceSwitch.WAKE_KEPT);
        }
    }

    /** Which pages have blocks, and how often each was locked. */
    public static final class PlainEntries {
        private final boolean[] filled = new boolean[3];
        private final int[] counters = new int[3];

        public int load(int page) {
            return ++counters[page];
        }

        public int fill(int page) {
            filled[page] = true;
            return ++counters[page];
        }

        public int fail(int page) {
            return ++counters[page];
        }

        public int store(int page) {
            return filled[page] ? ++counters[page] : 0;
        }

        public void sync(int page) {
            filled[page] &= true;
        }

        public void delete(int page) {
            filled[page] = false;
        }
    }

    @Test
    void shouldHaveEntryLocksThatExcludeAndWake() {
        lockOptions().check(EntryLocks.class);
    }

    /** A hole is locked; a store waits for it, and has no use for the lock; another waits behind it. */
    @Test
    void shouldFindAWakeUpThatIsNotPassedOn() throws NoSuchMethodException {
        ExecutionScenario scenario = new ExecutionScenario(
                List.of(call("load")),
                List.of(List.of(call("fail")), List.of(call("store")), List.of(call("load"))),
                List.of(),
                null);
        ModelCheckingOptions options =
                lockOptions().iterations(0).invocationsPerIteration(10_000).addCustomScenario(scenario);
        LincheckAssertionError e =
                assertThrows(LincheckAssertionError.class, () -> options.check(EntryLocksWakeKept.class));
        assertTrue(e.getMessage().contains("hung"), e::getMessage);
    }

    private static Actor call(String operation) throws NoSuchMethodException {
        return new Actor(EntryLocks.class.getMethod(operation, int.class), List.of(1));
    }
}
