package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.core.crash.CallSites;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.Mutations;

/**
 * Takes each write-back, each fence and each journal record of the volume away in turn: the general oracle must notice
 * every one. Those of repairs: RepairCrashTest.
 */
@Tag("slow")
final class MutationCrashTest {
    /** Each line lost alone and kept alone, and some at random. */
    private static final CrashOptions OPTIONS = new CrashOptions(64, 1, 128, 16, 1, 1, null);

    private static final CrashOptions FEW = new CrashOptions(4, 1, 12, 2, 1, 1, null);

    @Test
    void shouldNoticeEveryMissingWriteBackFenceAndRecord() throws Exception {
        List<Mutations.Workload> workloads = new ArrayList<>();
        workloads.add(new LifeCycleWorkload(OPTIONS));
        workloads.addAll(OperationWorkloads.all(OPTIONS));
        workloads.addAll(OperationWorkloads.mapped(OPTIONS));
        workloads.addAll(AtomicDataCrashTest.writes(OPTIONS));
        workloads.addAll(OperationWorkloads.all(OPTIONS, DataChecksumCrashTest.POOL));
        workloads.addAll(SoundWorkload.all(FEW));
        workloads.add(new RecoveryWorkload(OPTIONS));
        List<Mutations.Row> rows = Mutations.run(workloads);
        String report = Mutations.report(rows);
        System.out.println(report);
        CallSites.write(rows, Path.of("target/mutation/core.tsv"));
        assertEquals(
                List.of(),
                CallSites.problemsInCore(rows, site -> !site.className().startsWith("org.radax.core.check.")),
                report);
    }
}
