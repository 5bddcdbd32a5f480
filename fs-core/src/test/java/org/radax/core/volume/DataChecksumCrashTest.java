package org.radax.core.volume;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;

/** Whatever a crash leaves, a block's checksum is that of its bytes, or there is none: the general oracle compares them. */
@Tag("slow")
final class DataChecksumCrashTest {
    static final PreparedPool POOL = new PreparedPool(OperationWorkloads::setUp, true);
    private static final CrashOptions OPTIONS = CrashOptions.pairOfOperations();

    /** Of the pairs, outside the nightly profile: every so many. */
    private static final int STEP = System.getProperty("radax.check", "").equals("nightly") ? 1 : 401;

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

    @TestFactory
    Stream<DynamicTest> shouldHaveNoWrongChecksumAfterACrashAmidTwo() {
        List<CrashWorkload> pairs = OperationWorkloads.pairs(OPTIONS, POOL);
        return IntStream.range(0, pairs.size())
                .filter(i -> i % STEP == 0)
                .mapToObj(pairs::get)
                .map(DataChecksumCrashTest::test);
    }
}
