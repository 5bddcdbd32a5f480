package org.radax.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A crash test that says nothing fails, and says why. */
final class MisuseTest {
    /** Opens when a test has ended that a thread outlives. */
    private static CountDownLatch end;

    private static FutureTask<Void> outliving;
    private static CrashedPool kept;

    static final class Cases {
        private static void accept(CrashedPool crashed) {}

        @CrashTest(bytes = 5000)
        void bytesOfNoPage(CrashPool pool) {}

        @CrashTest(models = {})
        void noModel(CrashPool pool) {}

        @CrashTest(exhaustive = 0)
        void noImages(CrashPool pool) {}

        @CrashTest(subsets = -1)
        void negativeSubsets(CrashPool pool) {}

        @CrashTest(random = -1)
        void negativeRandom(CrashPool pool) {}

        @CrashTest
        void noPool() {}

        @CrashTest
        void noCheck(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
        }

        @CrashTest
        void noStep(CrashPool pool) {
            pool.putLong(0, 1);
            pool.checkEveryCrash(Cases::accept);
        }

        @CrashTest
        void nothingStored(CrashPool pool) {
            pool.step("one", pool::fence);
            pool.checkEveryCrash(Cases::accept);
        }

        @CrashTest
        void stepAfterCheck(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
            pool.checkEveryCrash(Cases::accept);
            pool.step("two", () -> pool.putLong(0, 2));
        }

        @CrashTest(models = CrashModel.PAGE_CACHE)
        void fenceInPageCache(CrashPool pool) {
            pool.step("one", pool::fence);
        }

        @CrashTest(models = CrashModel.PAGE_CACHE)
        void writeBackInPageCache(CrashPool pool) {
            pool.step("one", () -> pool.writeBack(0, 8));
        }

        @CrashTest
        void storeBeyondEnd(CrashPool pool) {
            pool.putLong(pool.sizeBytes(), 1);
        }

        @CrashTest
        void syncBeyondEnd(CrashPool pool) {
            pool.msync(pool.sizeBytes() - 8L, 16);
        }

        @CrashTest
        void failingStep(CrashPool pool) throws IOException {
            pool.step("one", () -> {
                throw new IOException("of the step");
            });
        }

        private static void outlive(Action action) {
            outliving = new FutureTask<>(() -> {
                action.run();
                return null;
            });
            Thread thread = new Thread(outliving, "outlives its test");
            thread.setDaemon(true);
            thread.start();
        }

        @CrashTest
        void storesOutlive(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
            pool.checkEveryCrash(Cases::accept);
            outlive(() -> {
                end.await();
                pool.putLong(4096, 1);
                pool.buffer().put(8192, (byte) 1);
                pool.put(12288, (byte) 1);
                pool.writeBack(0, 8);
                pool.fence();
                pool.msync(0, pool.sizeBytes());
                assertEquals(1, pool.getLong(4096));
                assertThrows(IllegalStateException.class, () -> pool.step("late", () -> {}));
                assertThrows(IllegalStateException.class, () -> pool.checkEveryCrash(Cases::accept));
            });
        }

        /** As of a timeout that gives its thread up. */
        @CrashTest
        void checkOutlives(CrashPool pool) throws Exception {
            pool.step("one", () -> {
                pool.putLong(0, 1);
                pool.putLong(64, 1);
            });
            CountDownLatch checking = new CountDownLatch(1);
            outlive(() -> pool.checkEveryCrash(crashed -> {
                checking.countDown();
                end.await();
                crashed.putLong(8192, 1);
            }));
            checking.await();
            throw new IOException("given up");
        }

        @CrashTest
        void imageOutlives(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
            pool.checkEveryCrash(crashed -> kept = crashed);
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    @ParameterizedTest
    @CsvSource({
        "bytesOfNoPage, '@CrashTest: bytes = 5000: a multiple of 4096 expected'",
        "noModel, '@CrashTest: models: one at least'",
        "noImages, '@CrashTest: exhaustive = 0: one image at least'",
        "negativeSubsets, '@CrashTest: subsets = -1: none or more expected'",
        "negativeRandom, '@CrashTest: random = -1: none or more expected'",
        "noPool, 'no crash was checked: a crash test takes a CrashPool, and ends with its checkEveryCrash'",
        "noCheck, 'no crash was checked: a crash test takes a CrashPool, and ends with its checkEveryCrash'",
        "noStep, 'no step was run, so nothing could crash: CrashPool.step(label, code)'",
        "nothingStored, 'nothing was at stake: at none of the 3 crash points was a store pending. Does the code store to this pool?'",
        "stepAfterCheck, 'step ''two'': every crash was checked already'",
        "fenceInPageCache, 'fence: makes nothing durable in a page cache; msync does'",
        "writeBackInPageCache, 'writeBack: makes nothing durable in a page cache; msync does'",
        "storeBeyondEnd, 'pool range [65536, +8) beyond 65536'",
        "syncBeyondEnd, 'pool range [65528, +16) beyond 65536'",
        "failingStep, of the step"
    })
    void shouldSayWhatIsWrong(String method, String message) {
        assertEquals(message, Engine.run(Cases.class, method).failure().getMessage());
    }

    /** A test that fails on its own says that, and not that it checked nothing. */
    @Test
    void shouldKeepFailureOfTest() {
        Throwable failure = Engine.run(Cases.class, "failingStep").failure();
        assertTrue(failure instanceof IOException, failure::toString);
        assertEquals(0, failure.getSuppressed().length);
    }

    /** What it stores is let be; the JVM goes on. */
    @ParameterizedTest
    @ValueSource(strings = {"storesOutlive", "checkOutlives"})
    @Timeout(60)
    void shouldSurviveThreadThatOutlivesItsTest(String method) throws Exception {
        end = new CountDownLatch(1);
        Engine.run(Cases.class, method);
        end.countDown();
        outliving.get(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldRefuseImageOnceTheCheckHasReturned() {
        assertEquals(0, Engine.run(Cases.class, "imageOutlives").failures().size());
        assertThrows(IllegalStateException.class, () -> kept.getLong(0));
        assertThrows(IllegalStateException.class, () -> kept.putLong(0, 1));
        assertThrows(IllegalStateException.class, () -> kept.get(0, 8));
        assertThrows(IllegalStateException.class, () -> kept.put(0, (byte) 1));
        assertThrows(IllegalStateException.class, () -> kept.msync(0, 8));
        assertThrows(IllegalStateException.class, () -> kept.writeBack(0, 8));
        assertThrows(IllegalStateException.class, kept::buffer);
    }
}
