package org.radax.core.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.core.crash.toy.AppendLog;
import org.radax.core.crash.toy.AppendLog.Mistake;
import org.radax.core.os.LibC;
import org.radax.core.pool.PoolMemory;

/** The recorder and the enumerator on a protocol small enough to know every answer. */
final class AppendLogCrashTest {
    private static final long POOL_BYTES = 1 << 20;
    private static final int APPENDS = 3;

    private static final class Appends implements Mutations.Workload {
        private final Mistake mistake;

        Appends(Mistake mistake) {
            this.mistake = mistake;
        }

        @Override
        public String name() {
            return "append " + mistake;
        }

        @Override
        public CrashSummary run(Consumer<CrashRecorder> prepare) {
            return recorded(prepare, images -> images.visit(this::check));
        }

        <T> T recorded(Consumer<CrashRecorder> prepare, Function<CrashImages, T> use) {
            long address = Mappings.anonymous(POOL_BYTES);
            try (CrashRecorder recorder = CrashRecorder.of(address, POOL_BYTES)) {
                prepare.accept(recorder);
                AppendLog log = new AppendLog(new PoolMemory(address, POOL_BYTES, recorder, recorder), mistake);
                recorder.startTrace();
                for (int i = 1; i <= APPENDS; i++) {
                    recorder.mark("append " + i);
                    log.append(i);
                }
                recorder.mark("done");
                CrashTrace trace = recorder.stopTrace();
                try (CrashImages images = CrashImages.of(name(), trace, CrashOptions.oneOperation())) {
                    return use.apply(images);
                }
            } finally {
                LibC.INSTANCE.munmap(address, POOL_BYTES);
            }
        }

        /** At mark n (1-based) n - 1 entries are there; after it n - 1 or n. */
        void check(CrashImage image) {
            List<Long> entries = new AppendLog(image.memory(), mistake).entries();
            int size = entries.size();
            assertEquals(LongStream.rangeClosed(1, size).boxed().toList(), entries);
            int before = Math.max(0, image.point().phase() - 1);
            boolean during = image.point().moment() == CrashPoint.Moment.FENCE;
            assertTrue(size == before || (during && size == before + 1), size + " entries, expected " + before);
        }
    }

    private static void asItIs(CrashRecorder recorder) {
        recorder.suppress(FaultPlan.none());
    }

    @Test
    void shouldAcceptRightProtocol() {
        CrashSummary summary = new Appends(Mistake.NONE).run(AppendLogCrashTest::asItIs);
        summary.assertNoViolations();
        assertEquals(summary.points(), summary.exhaustivePoints());
        // Per append: a mark, 9 states of the entry's line, 2 of the count's; every last state is the next one's first,
        // but for another moment.
        assertEquals(3 * (1 + 9 + 1) + 1 + 1, summary.images(), summary::toString);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mistake.class,
            names = {"NO_WRITE_BACK", "NO_FENCE", "NO_FINAL_FENCE", "TRUSTS_FIRST_WORD"})
    void shouldFindPlantedMistake(Mistake mistake) {
        CrashSummary summary = new Appends(mistake).run(AppendLogCrashTest::asItIs);
        assertFalse(summary.violations().isEmpty(), summary::toString);
        assertThrows(AssertionError.class, summary::assertNoViolations);
    }

    @Test
    void shouldFindEverySuppressedCall() {
        Appends workload = new Appends(Mistake.NONE);
        for (int n = 1; n <= 2 * APPENDS; n++) {
            int call = n;
            assertFalse(workload.run(recorder -> recorder.suppressWriteBack(call))
                    .violations()
                    .isEmpty());
            assertFalse(workload.run(recorder -> recorder.suppressFence(call))
                    .violations()
                    .isEmpty());
        }
        workload.run(recorder -> recorder.suppressFence(2 * APPENDS + 1)).assertNoViolations();
    }

    @Test
    void shouldListCallSitesAndCatchEachOne() throws Exception {
        List<Mutations.Row> rows = Mutations.run(List.of(new Appends(Mistake.NONE)));
        assertEquals(4, rows.size(), Mutations.report(rows));
        for (Mutations.Row row : rows) {
            assertTrue(row.isCaught(), Mutations.report(rows));
            assertEquals(APPENDS, row.exercised());
            assertEquals(AppendLog.class.getName(), row.site().className());
            assertEquals("append", row.site().method());
        }
    }

    @Test
    void shouldReplayViolation() {
        Appends workload = new Appends(Mistake.NO_FENCE);
        workload.recorded(AppendLogCrashTest::asItIs, images -> {
            CrashSummary summary = images.visit(workload::check);
            for (CrashViolation violation : summary.violations()) {
                Throwable again = assertThrows(
                        AssertionError.class,
                        () -> images.replay(violation.pointNumber(), violation.choice(), workload::check));
                assertEquals(violation.cause().getMessage(), again.getMessage());
            }
            return summary;
        });
    }
}
