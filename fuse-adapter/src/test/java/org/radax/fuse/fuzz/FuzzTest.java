package org.radax.fuse.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.core.attack.ImageFuzz;
import org.radax.fuse.control.ControlFuzz;
import org.radax.fuse.dispatch.RequestFuzz;
import org.radax.fuse.wire.Message;

/**
 * Damaged pools, the control protocol and raw requests under a fuzzer that is guided by coverage (Jazzer), nightly, for
 * {@code radax.fuzz.seconds} each; and under some random inputs always, so that the targets stay sound.
 */
final class FuzzTest {
    private static final int SECONDS = Integer.getInteger("radax.fuzz.seconds", 120);
    private static final int INPUTS = 100;

    private interface Input {
        void give(byte[] input) throws Exception;
    }

    /** A class with {@code fuzzerTestOneInput(byte[])}, and an input to begin with. */
    private record Target(Class<?> type, Input input, byte[] seed) {
        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static List<Target> targets() {
        byte[] lookup = new Message(1, 1).name("a").toBytes();
        byte[] request = new byte[lookup.length + 2];
        request[0] = (byte) lookup.length;
        System.arraycopy(lookup, 0, request, 2, lookup.length);
        byte[] control = "{\"v\":1,\"verb\":\"info\",\"args\":{\"a\":[1,null]}}\n".getBytes(StandardCharsets.UTF_8);
        return List.of(
                new Target(ImageFuzz.class, ImageFuzz::fuzzerTestOneInput, new byte[129]),
                new Target(ControlFuzz.class, ControlFuzz::fuzzerTestOneInput, control),
                new Target(RequestFuzz.class, RequestFuzz::fuzzerTestOneInput, request));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void shouldSurviveRandomInput(Target target) throws Exception {
        Random random = new Random(1);
        target.input().give(target.seed());
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = new byte[random.nextInt(200)];
            random.nextBytes(input);
            target.input().give(input);
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    @EnabledIfSystemProperty(named = "radax.check", matches = "nightly")
    void shouldSurviveGuidedFuzzing(Target target) throws IOException, InterruptedException {
        Path directory = Path.of("target", "fuzz", target.toString()).toAbsolutePath();
        Path corpus = Files.createDirectories(directory.resolve("corpus"));
        Files.write(corpus.resolve("seed"), target.seed());
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Djnr."))
                .toList());
        command.addAll(List.of(
                "-Xmx1g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.type().getName(),
                "--instrumentation_includes=org.radax.**",
                "--instrumentation_excludes=org.radax.core.attack.**",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-max_total_time=" + SECONDS,
                "-timeout=30",
                "-rss_limit_mb=0",
                "-len_control=0",
                "-max_len=512",
                corpus.toString()));
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int code = process.waitFor();
        String said = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertEquals(0, code, () -> "inputs that fail are in " + directory + "\n" + said);
        assertTrue(said.contains("Done "), said);
    }
}
