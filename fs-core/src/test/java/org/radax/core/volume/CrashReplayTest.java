package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a token names is one workload. That it makes the image again is PlantedBugTest's. */
final class CrashReplayTest {
    @Test
    void shouldNameEachWorkloadOnce() {
        List<String> names = CrashReplay.named().map(RecordedWorkload::name).toList();
        Set<String> twice = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        names.forEach(name -> {
            if (!seen.add(name)) {
                twice.add(name);
            }
        });
        assertEquals(Set.of(), twice);
        CrashReplay.of(names.get(names.size() - 1) + "@0:#0");
    }

    @Test
    void shouldRefuseWhatNamesNone() {
        assertThrows(IllegalArgumentException.class, () -> CrashReplay.of("no such thing@0:#0"));
        assertThrows(IllegalArgumentException.class, () -> CrashReplay.of("create > unlink"));
    }
}
