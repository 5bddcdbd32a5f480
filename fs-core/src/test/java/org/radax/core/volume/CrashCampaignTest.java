package org.radax.core.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;

/**
 * What is too much for every build: of each part a sample here, and all of it nightly, as far as the time goes
 * ({@code radax.crash.minutes}), from where the last run stopped if it is to ({@code radax.crash.resume}).
 */
final class CrashCampaignTest {
    private static final boolean NIGHTLY = System.getProperty("radax.check", "").equals("nightly");

    private static final Path PROGRESS = Path.of("target", "crash");

    /** Of a recovery to be crashed: the extremes and two more at each point. */
    private static final CrashOptions FEW = new CrashOptions(2, 0, 0, 2, 1, 1, null);

    @TestFactory
    Stream<DynamicTest> shouldSurviveACrash() throws Exception {
        CrashProgress progress = Boolean.getBoolean("radax.crash.resume")
                ? CrashProgress.resumed(PROGRESS)
                : new CrashProgress(PROGRESS);
        Long minutes = Long.getLong("radax.crash.minutes");
        long deadline =
                System.nanoTime() + (minutes == null ? TimeUnit.DAYS.toNanos(7) : TimeUnit.MINUTES.toNanos(minutes));
        List<CrashWorkload> pairs = OperationWorkloads.pairs(CrashOptions.pairOfOperations());
        List<CrashWorkload> recoveries = OperationWorkloads.all(FEW);
        recoveries.forEach(workload -> workload.crashingRecovery(2));
        return Stream.of(
                DynamicTest.dynamicTest(
                        "amid every pair of operations",
                        () -> new CrashCampaign("pairs", pairs.size(), NIGHTLY ? 1 : 53, pairs::get, progress, deadline)
                                .run(threads())),
                DynamicTest.dynamicTest(
                        "in a recovery, and in the recovery after it",
                        () -> new CrashCampaign(
                                        "recoveries",
                                        recoveries.size(),
                                        NIGHTLY ? 1 : 8,
                                        recoveries::get,
                                        progress,
                                        deadline)
                                .run(threads())));
    }

    /** Other tests have the other processors. */
    private static int threads() {
        return NIGHTLY ? Runtime.getRuntime().availableProcessors() : 1;
    }
}
