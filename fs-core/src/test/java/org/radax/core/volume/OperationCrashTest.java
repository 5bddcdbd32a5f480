package org.radax.core.volume;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;

/**
 * Every operation alone, a crash at every fence and after every operation: docs of the method in CrashWorkload. In
 * {@code ./check --fast} each with fewer images.
 */
final class OperationCrashTest {
    private static final AtomicLong IMAGES = new AtomicLong();

    private static CrashOptions options() {
        boolean fast = System.getProperty("radax.check", "").equals("fast");
        return fast ? CrashOptions.pairOfOperations() : CrashOptions.oneOperation();
    }

    @TestFactory
    Stream<DynamicTest> shouldSurviveACrashAtEveryFence() {
        return OperationWorkloads.all(options()).stream()
                .map(workload -> DynamicTest.dynamicTest(workload.name(), () -> {
                    CrashSummary summary = workload.run(recorder -> {});
                    IMAGES.addAndGet(summary.images());
                    System.out.println(summary);
                    summary.assertNoViolations();
                }));
    }

    @Test
    void shouldSurviveACrashOfMkfsMountAndUnmount() throws Exception {
        CrashSummary summary = new LifeCycleWorkload(CrashOptions.oneOperation()).run(recorder -> {});
        System.out.println(summary);
        summary.assertNoViolations();
    }

    @AfterAll
    static void report() {
        System.out.println("crash images of single operations: " + IMAGES);
    }
}
