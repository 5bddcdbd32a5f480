package org.radax.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.radax.junit.examples.MessageLogCrashTest;

/** The options that docs/CRASH-JUNIT.md asks for are needed, and enough. */
final class JvmOptionsTest {
    /** Prints what came of the example. */
    static final class Main {
        public static void main(String[] arguments) {
            Engine run = Engine.runAll(MessageLogCrashTest.class);
            System.out.println(
                    run.failures().stream().map(Throwable::getMessage).toList());
        }
    }

    private static String run(String... options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        return lines.get(lines.size() - 1);
    }

    @Test
    void shouldSayWhichOptionsAreMissing() throws IOException {
        String failures = run();
        assertTrue(
                failures.contains("--add-exports java.base/jdk.internal.misc=ALL-UNNAMED"
                        + " --add-opens java.base/jdk.internal.misc=ALL-UNNAMED"),
                failures);
    }

    @Test
    void shouldNeedNoOther() throws IOException {
        assertEquals(
                "[]",
                run(
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"));
    }
}
