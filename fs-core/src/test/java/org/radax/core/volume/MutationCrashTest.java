package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.Mutations;

/** Takes each write-back and each fence of the volume away in turn: the general oracle must notice every one. */
@Tag("slow")
final class MutationCrashTest {
    @Test
    void shouldNoticeEveryMissingWriteBackAndFence() throws Exception {
        CrashOptions options = CrashOptions.pairOfOperations().withMaxViolations(1);
        List<Mutations.Workload> workloads = new ArrayList<>();
        workloads.add(new LifeCycleWorkload(options));
        workloads.addAll(OperationWorkloads.all(options));
        List<Mutations.Row> rows = Mutations.run(workloads);
        String report = Mutations.report(rows);
        System.out.println(report);
        assertEquals(List.of(), rows.stream().filter(row -> !row.isCaught()).toList(), report);
    }
}
