package org.radax.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.junit.CrashModel.CACHE_LINES;
import static org.radax.junit.CrashModel.PAGE_CACHE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which images a check is shown. */
final class ImagesTest {
    /** What the checks of a run saw. */
    private static final List<String> SEEN = new ArrayList<>();

    static final class Cases {
        @CrashTest
        void twoLines(CrashPool pool) {
            pool.step("two", () -> {
                pool.putLong(0, 1);
                pool.putLong(64, 1);
            });
            pool.checkEveryCrash(Cases::see);
        }

        @CrashTest
        void twoLinesFenced(CrashPool pool) {
            pool.step("two", () -> {
                pool.putLong(0, 1);
                pool.putLong(64, 1);
                pool.writeBack(0, 128);
                pool.fence();
            });
            pool.checkEveryCrash(Cases::see);
        }

        @CrashTest
        void twoWordsOfLine(CrashPool pool) {
            pool.step("two", () -> {
                pool.putLong(64, 1);
                pool.putLong(0, 1);
                pool.putLong(8, 1);
            });
            pool.checkEveryCrash(Cases::see);
        }

        @CrashTest(models = PAGE_CACHE)
        void twoLinesOfPage(CrashPool pool) {
            pool.step("two", () -> {
                pool.putLong(64, 1);
                pool.putLong(0, 1);
            });
            pool.checkEveryCrash(Cases::see);
        }

        @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
        void twoPagesOneSynced(CrashPool pool) {
            pool.step("two", () -> {
                pool.putLong(0, 1);
                pool.putLong(4096, 1);
                pool.msync(100, 1);
            });
            pool.checkEveryCrash(Cases::see);
        }

        @CrashTest
        void twoSteps(CrashPool pool) {
            for (int i = 0; i < 2; i++) {
                int offset = 64 * i;
                pool.step("step " + i, () -> {
                    pool.putLong(offset, 1);
                    pool.writeBack(offset, 8);
                    pool.fence();
                });
            }
            pool.checkEveryCrash(crashed -> SEEN.add(crashed.completed() + " " + crashed.begun()));
        }

        /** The fence of the second makes nothing of the first's durable. */
        @CrashTest
        void stepsOfTwoThreads(CrashPool pool) throws InterruptedException {
            Thread other = new Thread(() -> pool.step("b", pool::fence));
            pool.step("a", () -> {
                pool.putLong(0, 1);
                pool.writeBack(0, 8);
                other.start();
                other.join();
            });
            pool.checkEveryCrash(
                    crashed -> SEEN.add(crashed.completed() + " " + crashed.begun() + " " + crashed.getLong(0)));
        }

        @CrashTest
        void preparedBeforeFirstStep(CrashPool pool) {
            pool.putLong(0, 7);
            pool.step("one", () -> pool.putLong(64, 1));
            pool.checkEveryCrash(crashed -> assertEquals(7, crashed.getLong(0)));
        }

        /** 2^20 images. */
        @CrashTest(exhaustive = 64, subsets = 1, random = 10, seed = 7)
        void manyLines(CrashPool pool) {
            storeToTwentyLines(pool);
        }

        @CrashTest(exhaustive = 64, subsets = 1, random = 10, seed = 8)
        void manyLinesOtherSeed(CrashPool pool) {
            storeToTwentyLines(pool);
        }

        private static void storeToTwentyLines(CrashPool pool) {
            pool.step("many", () -> {
                for (int i = 0; i < 20; i++) {
                    pool.putLong(i * 64L, 1);
                }
            });
            pool.checkEveryCrash(crashed -> {
                StringBuilder kept = new StringBuilder();
                for (int i = 0; i < 20; i++) {
                    kept.append(crashed.getLong(i * 64L));
                }
                SEEN.add(kept.toString());
            });
        }

        @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
        void throughBuffer(CrashPool pool) {
            ByteBuffer buffer = pool.buffer();
            assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
            buffer.order(ByteOrder.LITTLE_ENDIAN);
            buffer.putLong(0, 5);
            pool.step("one", () -> {
                buffer.putLong(4096, 1);
                pool.msync(4096, 8);
                buffer.putLong(0, 1);
            });
            pool.checkEveryCrash(crashed -> {
                ByteBuffer left = crashed.buffer().order(ByteOrder.LITTLE_ENDIAN);
                assertEquals(crashed.getLong(4096), left.getLong(4096));
                assertEquals(0, left.getLong(8192), "what the check of another image stored");
                SEEN.add(left.getLong(0) + "," + left.getLong(4096));
                left.putLong(8192, 9);
                assertEquals(9, crashed.getLong(8192));
            });
        }

        @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
        void storesHereAndThere(CrashPool pool) {
            Random random = new Random(5);
            pool.step("stores", () -> {
                for (int i = 0; i < 9; i++) {
                    pool.putLong(random.nextInt(2) * 4096 + random.nextInt(3) * 64 + random.nextInt(2) * 8, i + 1);
                }
                pool.msync(0, 4096);
            });
            pool.checkEveryCrash(crashed -> SEEN.add(crashed.begun() + Arrays.toString(crashed.get(0, 8192))));
        }

        @CrashTest
        void bufferedBeforeStored(CrashPool pool) {
            pool.step("one", () -> {
                pool.buffer().put(0, (byte) 1);
                pool.putLong(8, 1);
            });
            pool.checkEveryCrash(crashed -> SEEN.add(crashed.getLong(0) + "," + crashed.getLong(8)));
        }

        private static void see(CrashedPool crashed) {
            SEEN.add(crashed.getLong(0) + "," + crashed.getLong(64) + "," + crashed.getLong(4096));
        }
    }

    static final class PreparedCases {
        @BeforeEach
        void prepare(CrashPool pool) {
            pool.put(8192, (byte) 3);
        }

        @CrashTest(
                bytes = 3 * 4096,
                models = {CACHE_LINES, PAGE_CACHE})
        void withOtherParameters(TestInfo info, CrashPool pool, @TempDir Path directory) {
            assertEquals(3 * 4096, pool.sizeBytes());
            assertEquals(3 * 4096, pool.buffer().capacity());
            assertTrue(directory.toFile().isDirectory());
            pool.step(info.getDisplayName(), () -> pool.putLong(0, 1));
            pool.checkEveryCrash(crashed -> {
                assertEquals(3, crashed.get(8192, 1)[0]);
                assertEquals(List.of(info.getDisplayName()), crashed.begun());
            });
        }
    }

    @BeforeEach
    void forget() {
        SEEN.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "twoLines, 2 4 4",
        "twoLinesFenced, 3 5 4",
        "twoWordsOfLine, 2 6 6",
        "twoLinesOfPage, 2 3 3",
        "preparedBeforeFirstStep, 2 2 2"
    })
    void shouldShowEachImageOnce(String method, String figures) {
        Engine run = Engine.run(Cases.class, method);
        assertEquals(List.of(), run.failures());
        assertEquals(List.of(figures), run.figures());
    }

    @Test
    void shouldShowLinesInAnyCombination() {
        Engine.run(Cases.class, "twoLines");
        assertEquals(Set.of("0,0,0", "1,0,0", "0,1,0", "1,1,0"), Set.copyOf(SEEN));
    }

    @Test
    void shouldShowOneMomentOfPage() {
        Engine.run(Cases.class, "twoLinesOfPage");
        assertEquals(List.of("0,0,0", "1,1,0", "0,1,0"), SEEN);
    }

    /** In the step each of the pages is there or not; afterwards one of them is. */
    @Test
    void shouldSyncWholePagesOfBothModels() {
        assertEquals(
                List.of("3 6 4", "3 6 4"),
                Engine.run(Cases.class, "twoPagesOneSynced").figures());
        assertFalse(SEEN.subList(4, 6).contains("0,0,0"), SEEN::toString);
    }

    /** What docs/CRASH-JUNIT.md says of the two. */
    @Test
    void shouldShowAmongImagesOfLinesEachOfPages() {
        List<String> figures = Engine.run(Cases.class, "storesHereAndThere").figures();
        int ofLines = Integer.parseInt(figures.get(0).split(" ")[1]);
        Set<String> lines = Set.copyOf(SEEN.subList(0, ofLines));
        Set<String> pages = Set.copyOf(SEEN.subList(ofLines, SEEN.size()));
        assertTrue(lines.containsAll(pages) && lines.size() > pages.size(), figures::toString);
    }

    @Test
    void shouldTellStepsThatReturned() {
        Engine.run(Cases.class, "twoSteps");
        assertEquals(
                List.of(
                        "[] [step 0]",
                        "[] [step 0]",
                        "[step 0] [step 0]",
                        "[step 0] [step 0, step 1]",
                        "[step 0] [step 0, step 1]",
                        "[step 0, step 1] [step 0, step 1]"),
                SEEN);
    }

    @Test
    void shouldTellStepsOfEachThread() {
        Engine.run(Cases.class, "stepsOfTwoThreads");
        assertEquals(
                List.of(
                        "[] [a, b] 0",
                        "[] [a, b] 1",
                        "[b] [b, a] 0",
                        "[b] [b, a] 1",
                        "[b, a] [b, a] 0",
                        "[b, a] [b, a] 1"),
                SEEN);
    }

    /** None, all, each line kept and lost, and 10 random ones at either point, two of which were there already. */
    @Test
    void shouldSampleWhereImagesAreMany() {
        Engine run = Engine.run(Cases.class, "manyLines");
        assertEquals(List.of("2 60 60"), run.figures());
        Set<String> single = new TreeSet<>(SEEN);
        assertTrue(single.contains("1" + "0".repeat(19)) && single.contains("0" + "1".repeat(19)));
    }

    @Test
    void shouldDrawTheSameImagesFromTheSameSeed() {
        Engine.run(Cases.class, "manyLines");
        List<String> first = List.copyOf(SEEN);
        SEEN.clear();
        Engine.run(Cases.class, "manyLines");
        assertEquals(first, SEEN);
        SEEN.clear();
        Engine.run(Cases.class, "manyLinesOtherSeed");
        assertNotEquals(first, SEEN);
    }

    @Test
    void shouldNoticeStoresThroughBuffer() {
        Engine run = Engine.run(Cases.class, "throughBuffer");
        assertEquals(List.of(), run.failures());
        assertEquals(List.of("5,0", "5,1", "5,1", "1,1"), SEEN.subList(0, 4));
    }

    @Test
    void shouldNoticeBufferedStoreBeforeLaterOne() {
        Engine.run(Cases.class, "bufferedBeforeStored");
        assertEquals(Set.of("0,0", "1,0", "1,1"), Set.copyOf(SEEN));
    }

    @Test
    void shouldRunEachModelWithPoolOfItsOwnAndOtherParameters() {
        Engine run = Engine.runAll(PreparedCases.class);
        assertEquals(List.of(), run.failures());
        assertEquals(List.of("cache lines", "page cache"), run.started());
    }
}
