package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * The races of the kernel's history (docs/RACES.md): every interleaving within the bound is right, and with one line of the
 * production code as it once was, the same bound finds a schedule that is not.
 */
final class RacesTest {
    private static final int PREEMPTIONS = 3;
    private static final int SCHEDULES = 200_000;

    private static void assertFoundWith(RaceSwitch race, BiFunction<Threading, RaceSwitch, Explorer.Program> program) {
        assertFoundWith(race, PREEMPTIONS, program);
    }

    private static void assertFoundWith(
            RaceSwitch race, int preemptions, BiFunction<Threading, RaceSwitch, Explorer.Program> program) {
        Explorer.Outcome without =
                Explorer.explore(preemptions, SCHEDULES, threading -> program.apply(threading, RaceSwitch.NONE));
        assertNull(without.failure(), without::story);
        assertTrue(without.complete(), () -> without.schedules() + " schedules were not all");
        Explorer.Outcome with = Explorer.explore(preemptions, SCHEDULES, threading -> program.apply(threading, race));
        assertNotNull(with.failure(), race + " was not found in " + with.schedules() + " schedules");
        System.out.println(race + ": right in all " + without.schedules() + " schedules; found in schedule "
                + with.schedules() + ":\n" + with.story());
    }

    /** Threads on one file, and what is to hold after they ended. */
    private static Explorer.Program program(Explorer.Steps check, Explorer.Body... threads) {
        return new Explorer.Program() {
            @Override
            public List<Explorer.Body> threads() {
                return List.of(threads);
            }

            @Override
            public void check() throws Exception {
                check.run();
            }
        };
    }

    private static Explorer.Body thread(String name, Explorer.Steps steps) {
        return new Explorer.Body(name, steps);
    }

    /** Before the threads begin. */
    private static void first(Explorer.Steps steps) {
        try {
            steps.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A second store races with an fsync. */
    private static Explorer.Program storeAndSync(Threading threading, RaceSwitch race) {
        SimulatedFile file = new SimulatedFile(threading, race, 4);
        SimulatedFile.Client client = file.new Client();
        first(() -> client.store(1, 6));
        return program(
                () -> {
                    file.sync();
                    file.assertDurable(1, 7);
                },
                thread("application", () -> client.store(1, 7)),
                thread("fsync", file::sync));
    }

    @Test
    void D06_shouldFlushAfterProtecting() {
        assertFoundWith(RaceSwitch.FLUSH_BEFORE_PROTECT, RacesTest::storeAndSync);
    }

    @Test
    void D06_shouldClearAfterProtecting() {
        assertFoundWith(RaceSwitch.CLEAR_BEFORE_PROTECT, RacesTest::storeAndSync);
    }

    /** The first store to a page that is mapped for reading races with an fsync. */
    @Test
    void D02_shouldHoldTheEntryUntilThePageIsWritable() {
        assertFoundWith(RaceSwitch.TAG_WITHOUT_LOCK, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            first(() -> client.load(1));
            return program(
                    () -> {
                        file.sync();
                        file.assertDurable(1, 7);
                    },
                    thread("application", () -> client.store(1, 7)),
                    thread("fsync", file::sync));
        });
    }

    /** Two fsyncs: what was stored before either is durable when it returns, whoever wrote it back. */
    @Test
    void D08_shouldWaitForTheFenceOfAnotherSync() {
        assertFoundWith(RaceSwitch.FENCE_NOT_AWAITED, 2, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            first(() -> client.store(1, 6));
            return program(() -> {}, thread("first fsync", file::sync), thread("second fsync", () -> {
                file.sync();
                file.assertDurable(1, 6);
            }));
        });
    }

    /** Three want one entry: one at a time has it. */
    @Test
    void D09_shouldWaitForTheLockOfAnEntry() {
        assertFoundWith(RaceSwitch.LOCK_WITHOUT_WAITING, 2, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            int[] inside = {0};
            Explorer.Steps locking = () -> {
                file.mapping.lock(1, false);
                assertEquals(1, ++inside[0], "threads that have the entry locked");
                threading.step();
                inside[0]--;
                file.mapping.unlock(1);
            };
            return program(
                    () -> assertEquals(Entry.NONE, file.mapping.entry(1)),
                    thread("first", locking),
                    thread("second", locking),
                    thread("third", locking));
        });
    }

    /** Three wait for one entry, the second of which finds it written back when its turn comes. */
    @Test
    void D11_shouldPassOnAWakeUpThatIsNotUsed() {
        assertFoundWith(RaceSwitch.WAKE_KEPT, 1, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            SimulatedFile.Client other = file.new Client();
            first(() -> client.store(1, 6));
            return program(
                    () -> {
                        file.sync();
                        file.assertDurable(1, 7);
                    },
                    thread("first fsync", file::sync),
                    thread("second fsync", file::sync),
                    thread("third fsync", file::sync),
                    thread("application", () -> other.store(1, 7)));
        });
    }

    /** A huge hole makes way for small pages while others wait for it. */
    @Test
    void D12_shouldWakeTheWaitersOfAnEntryThatIsReplaced() {
        assertFoundWith(RaceSwitch.REPLACE_WITHOUT_WAKE, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 0);
            SimulatedFile.Client client = file.new Client();
            SimulatedFile.Client other = file.new Client();
            first(() -> file.mapHugeHole(client));
            return program(
                    () -> {
                        assertEquals(7, other.load(1));
                        assertEquals(8, client.load(2));
                    },
                    thread("store to page 1", () -> client.store(1, 7)),
                    thread("store to page 2", () -> other.store(2, 8)));
        });
    }

    /** A truncation meets an fsync of the page that it takes away; the block is somebody else's at once. */
    @Test
    void D15_shouldWaitForTheLockOfWhatIsDeleted() {
        assertFoundWith(RaceSwitch.DELETE_BEFORE_WAIT, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            first(() -> client.store(1, 6));
            return program(
                    () -> assertEquals(Entry.NONE, file.mapping.entry(1)),
                    thread("fsync", file::sync),
                    thread("truncate", () -> file.truncate(1)));
        });
    }

    /** Two stores to one hole: the slower one does not erase what the faster one stored. */
    @Test
    void D16_shouldFillAHoleOnce() {
        assertFoundWith(RaceSwitch.FILL_WITHOUT_LOCK, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 0);
            SimulatedFile.Client client = file.new Client();
            SimulatedFile.Client other = file.new Client();
            return program(
                    () -> assertEquals(7, other.load(1)),
                    thread("store", () -> client.store(1, 7)),
                    thread("store that is killed after its fault", () -> other.touch(1, true)));
        });
    }

    /** I/O into a page goes on while the page is taken away. */
    @Test
    void D30_shouldWaitUntilPagesAreIdle() {
        assertFoundWith(RaceSwitch.FREE_BEFORE_IDLE, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            return program(
                    () -> {},
                    thread("I/O", () -> client.storePinned(1, 7)),
                    thread("truncate", () -> file.truncate(1)));
        });
    }

    /** The same, of a page that is pinned and not mapped any more. */
    @Test
    void D31_shouldWaitForPagesThatAreNotMappedAnyMore() {
        assertFoundWith(RaceSwitch.BUSY_SCAN_STOPS, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            return program(
                    () -> {},
                    thread("I/O", () -> client.storePinned(1, 7)),
                    thread("unmap", () -> client.unmap(0, 4)),
                    thread("truncate", () -> file.truncate(1)));
        });
    }

    /** A store that begins while a truncation is under way: it maps the page before it goes or after, not in between. */
    @Test
    void D32_shouldHoldNewMappingsOffWhileALayoutIsBroken() {
        assertFoundWith(RaceSwitch.FAULTS_NOT_LOCKED_OUT, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            return program(
                    () -> {},
                    thread("application", () -> client.store(1, 7)),
                    thread("truncate", () -> file.truncate(1)));
        });
    }

    /** A file's switch to the page cache and back meets a store: no store goes to a page that nobody knows of. */
    @Test
    void D33_shouldLockFaultsOutWhileAFileIsSwitched() {
        assertFoundWith(RaceSwitch.FAULTS_NOT_LOCKED_OUT, (threading, race) -> {
            SimulatedFile file = new SimulatedFile(threading, race, 4);
            SimulatedFile.Client client = file.new Client();
            first(() -> {
                client.store(1, 6);
                client.unmap(0, 4);
            });
            return program(
                    () -> assertEquals(7, file.visible(1)),
                    thread("application", () -> client.storeAnyway(1, 7)),
                    thread("switch", file::switchAway));
        });
    }
}
