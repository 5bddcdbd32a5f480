package org.radax.core.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;

/**
 * What is too much for every build: of each part a sample here, and all of it nightly, as far as the time goes
 * ({@code radax.crash.minutes}), from where the last run stopped if it is to ({@code radax.crash.resume}).
 */
@Tag("slow")
final class CrashCampaignTest {
    private static final boolean NIGHTLY = System.getProperty("radax.check", "").equals("nightly");

    private static final String BUG = System.getProperty("radax.crash.plant");

    private static final Path PROGRESS = Path.of("target", "crash");

    private static final int SEQUENCES = 100_000;

    /** Of a recovery to be crashed: the extremes and two more at each point. */
    private static final CrashOptions FEW = new CrashOptions(2, 0, 0, 2, 1, 1, null);

    private final Long minutes = Long.getLong("radax.crash.minutes");
    private final long deadline =
            System.nanoTime() + (minutes == null ? Long.MAX_VALUE / 2 : TimeUnit.MINUTES.toNanos(minutes));

    @TestFactory
    Stream<DynamicTest> shouldSurviveACrash() throws Exception {
        String replayed = System.getProperty("radax.crash.replay");
        if (replayed != null) {
            Path image = Path.of(System.getProperty("radax.crash.image"));
            return Stream.of(DynamicTest.dynamicTest(
                    replayed, () -> CrashReplay.of(replayed).run(image)));
        }
        CrashProgress progress = Boolean.getBoolean("radax.crash.resume")
                ? CrashProgress.resumed(PROGRESS)
                : new CrashProgress(PROGRESS);
        List<CrashWorkload> pairs = OperationWorkloads.pairs(CrashOptions.pairOfOperations());
        List<CrashWorkload> checksums =
                OperationWorkloads.pairs(CrashOptions.pairOfOperations(), DataChecksumCrashTest.POOL);
        List<CrashWorkload> recoveries = OperationWorkloads.all(FEW);
        recoveries.forEach(workload -> workload.crashingRecovery(2));
        return Stream.of(
                part("pairs", "amid every pair of operations", pairs.size(), 101, pairs::get, progress),
                part("recoveries", "in recoveries, two deep", recoveries.size(), 8, recoveries::get, progress),
                part(
                        "checksums",
                        "amid pairs, with checksums of data",
                        checksums.size(),
                        401,
                        checksums::get,
                        progress),
                part("sequences", "in random sequences", SEQUENCES, 2000, SequenceWorkload::new, progress));
    }

    private DynamicTest part(
            String part,
            String name,
            int count,
            int sampleStride,
            IntFunction<RecordedWorkload> workloads,
            CrashProgress progress) {
        IntFunction<RecordedWorkload> planted =
                BUG == null ? workloads : i -> workloads.apply(i).planted(PlantedBug.valueOf(BUG));
        return DynamicTest.dynamicTest(
                name,
                () -> new CrashCampaign(part, count, NIGHTLY ? 1 : sampleStride, planted, progress, deadline)
                        .run(threads()));
    }

    /** Other tests have the other processors; a planted bug is one for the whole JVM, and taken out after each workload. */
    private static int threads() {
        return NIGHTLY && BUG == null ? Runtime.getRuntime().availableProcessors() : 1;
    }
}
