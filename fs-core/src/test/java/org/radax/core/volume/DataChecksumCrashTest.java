package org.radax.core.volume;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;

/**
 * Whatever a crash leaves, a block's checksum is that of its bytes, or there is none: the general oracle compares them.
 * Pairs of operations are {@link CrashCampaignTest}'s.
 */
@Tag("slow")
final class DataChecksumCrashTest {
    static final PreparedPool POOL = new PreparedPool(OperationWorkloads::setUp, true);
    private static final CrashOptions OPTIONS = CrashOptions.pairOfOperations();

    private static DynamicTest test(CrashWorkload workload) {
        return DynamicTest.dynamicTest(workload.name(), () -> {
            CrashSummary summary = workload.run(recorder -> {});
            summary.assertNoViolations();
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldHaveNoWrongChecksumAfterACrash() {
        return OperationWorkloads.all(OPTIONS, POOL).stream().map(DataChecksumCrashTest::test);
    }
}
