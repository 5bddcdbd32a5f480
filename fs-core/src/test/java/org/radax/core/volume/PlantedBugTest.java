package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashViolation;

/** Every class of bugs that others found is found here too: by the workloads and the oracle for all, knowing of none. */
@Tag("slow")
final class PlantedBugTest {
    private static final CrashOptions OPTIONS = CrashOptions.pairOfOperations().withMaxViolations(1);

    /** And what was found is made again by its token alone. */
    @ParameterizedTest
    @EnumSource
    void shouldFindThePlantedBug(PlantedBug bug, @TempDir Path directory) throws Exception {
        List<RecordedWorkload> workloads = new ArrayList<>(OperationWorkloads.all(OPTIONS));
        workloads.addAll(OperationWorkloads.pairs(OPTIONS));
        CrashViolation found = null;
        for (int i = 0; found == null && i < workloads.size(); i++) {
            List<CrashViolation> violations =
                    workloads.get(i).planted(bug).run(recorder -> {}).violations();
            found = violations.isEmpty() ? null : violations.get(0);
        }
        assertNotNull(found, bug.toString());
        System.out.println(CrashReplay.describe(found));
        Path image = directory.resolve("image");
        CrashReplay replay = CrashReplay.of(CrashOracle.innermostToken(found));
        Throwable again = assertThrows(Throwable.class, () -> replay.run(image));
        assertEquals(found.cause().toString(), again.toString());
        assertEquals(PreparedPool.BYTES, Files.size(image));
    }
}
