package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;

/**
 * Leaves the journal records of each call site out in turn, their words stored in place all the same: the general
 * oracle must notice. A site is the method that commits.
 */
final class RecordMutationCrashTest {
    private static final CrashOptions OPTIONS = new CrashOptions(16, 1, 64, 8, 1, 1, null);

    private static String site() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().startsWith("org.radax.core.volume.")
                                && !frame.getClassName().endsWith(".Operation")
                                && !frame.getClassName().contains("RecordMutation"))
                        .findFirst()
                        .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())
                        .orElse("?"));
    }

    @Test
    void shouldNoticeEveryMissingRecord() throws Exception {
        List<CrashWorkload> workloads = OperationWorkloads.all(OPTIONS);
        Map<String, CrashWorkload> exercisedBy = new TreeMap<>();
        for (CrashWorkload workload : workloads) {
            workload.suppressRecords(() -> {
                exercisedBy.putIfAbsent(site(), workload);
                return false;
            });
            workload.run(recorder -> {}).assertNoViolations();
        }
        assertTrue(exercisedBy.size() > 10, exercisedBy.keySet().toString());
        StringBuilder report = new StringBuilder();
        int missed = 0;
        for (Map.Entry<String, CrashWorkload> site : exercisedBy.entrySet()) {
            CrashWorkload workload = site.getValue();
            workload.suppressRecords(() -> site().equals(site.getKey()));
            CrashSummary summary = workload.run(recorder -> {});
            boolean caught = !summary.violations().isEmpty();
            missed += caught ? 0 : 1;
            report.append(caught ? "caught   " : "UNCAUGHT ")
                    .append(site.getKey())
                    .append(" by ")
                    .append(workload.name())
                    .append('\n');
        }
        System.out.print(report);
        assertEquals(0, missed, report.toString());
    }
}
