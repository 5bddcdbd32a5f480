package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** The shell tests of it-tests/scripts, whose golden output ext4 has set, on a mount. */
final class ScriptsIT {
    private static final Pattern RESULT = Pattern.compile("([a-z]+/[a-z0-9_]+): (ok|failed|not run)(.*)");

    private static final String NO_ACLS = "not run: no POSIX ACLs here";

    @TestFactory
    List<DynamicTest> shouldPrintWhatExt4Prints() throws IOException, InterruptedException {
        Environment.needsMount();
        Map<String, String> results = new LinkedHashMap<>();
        try (Volume volume = Volume.mounted("1G")) {
            String check = Environment.project().resolve("check").toString();
            String directory = volume.directory().toString();
            Run run = Run.of(check, "scripts", "--on", directory, "--transport", Environment.transport());
            String test = "";
            for (String line : run.out().lines().toList()) {
                Matcher result = RESULT.matcher(line);
                if (result.matches()) {
                    test = result.group(1);
                    results.put(test, result.group(2) + result.group(3));
                } else if (line.startsWith("    ")) {
                    results.merge(test, "\n" + line, String::concat);
                }
            }
            volume.unmount();
            volume.fsckClean();
        }
        assertFalse(results.isEmpty());
        List<DynamicTest> tests = new ArrayList<>();
        results.forEach((name, result) -> tests.add(DynamicTest.dynamicTest(name, () -> {
            if (result.equals(NO_ACLS)) {
                Environment.needsKernelTransport("setting POSIX ACLs");
            }
            Assumptions.assumeFalse(result.startsWith("not run"), result);
            assertEquals("ok", result, name);
        })));
        return tests;
    }
}
