package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashSummary;

/** Every class of bugs that others found is found here too: by the workloads and the oracle for all, knowing of none. */
final class PlantedBugTest {
    private static final CrashOptions OPTIONS = CrashOptions.pairOfOperations().withMaxViolations(1);

    @ParameterizedTest
    @EnumSource
    void shouldFindThePlantedBug(PlantedBug bug) throws Exception {
        List<RecordedWorkload> workloads = new ArrayList<>(OperationWorkloads.all(OPTIONS));
        workloads.addAll(OperationWorkloads.pairs(OPTIONS));
        String found = null;
        for (int i = 0; found == null && i < workloads.size(); i++) {
            found = found(workloads.get(i).planted(bug));
        }
        assertNotNull(found, bug.toString());
        System.out.println(found);
    }

    /** The first violation, or null. */
    private static String found(RecordedWorkload workload) throws Exception {
        try {
            CrashSummary summary = workload.run(recorder -> {});
            return summary.violations().isEmpty()
                    ? null
                    : CrashReplay.describe(summary.violations().get(0));
        } catch (AssertionError e) {
            return workload.name() + ", without a crash: " + e.getMessage();
        }
    }
}
