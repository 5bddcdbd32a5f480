package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table at the end of docs/RACES.md: each requirement, and the suites whose tests carry its number. */
final class RequirementsTest {
    private static final int COUNT = 37;

    private static final Pattern ROW = Pattern.compile("\\| (D\\d\\d) \\| [^|]+ \\| ([^|]+) \\|");
    private static final Pattern TEST = Pattern.compile(
            "@(?:Test|ParameterizedTest|TestFactory)\\b(?:(?!\\bvoid\\b).)*\\bvoid (D\\d\\d)_should", Pattern.DOTALL);

    /** Without a test by number, and why. */
    private static final Map<String, String> ELSEWHERE = Map.of("D28", "a measurement");

    /** Requirement → suites, of all modules. */
    private static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> suites = new TreeMap<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.toList()) {
                Path sources = module.resolve("src/test/java");
                if (Files.isDirectory(sources)) {
                    collect(sources, suites);
                }
            }
        }
        return suites;
    }

    private static void collect(Path sources, Map<String, Set<String>> suites) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Matcher test = TEST.matcher(Files.readString(file));
                while (test.find()) {
                    String suite = file.getFileName().toString().replace(".java", "");
                    suites.computeIfAbsent(test.group(1), number -> new TreeSet<>())
                            .add(suite);
                }
            }
        }
    }

    private static Map<String, String> rows() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/RACES.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertEquals(null, rows.put(row.group(1), row.group(2)), row.group(1) + " has two rows");
            }
        }
        return rows;
    }

    @Test
    void shouldHaveATestForEachNumber() throws IOException {
        List<String> missing = new ArrayList<>();
        Set<String> tested = tests().keySet();
        for (int i = 1; i <= COUNT; i++) {
            String number = String.format("D%02d", i);
            if (!tested.contains(number) && !ELSEWHERE.containsKey(number)) {
                missing.add(number);
            }
        }
        assertEquals(List.of(), missing);
    }

    /** What a row names is there; suites of other modules may be there and not be named. */
    @Test
    void shouldHaveARowForEachNumber() throws IOException {
        Map<String, Set<String>> tests = tests();
        Map<String, String> rows = rows();
        assertEquals(COUNT, rows.size());
        rows.forEach((number, suites) -> {
            if (ELSEWHERE.containsKey(number)) {
                assertEquals(ELSEWHERE.get(number), suites);
            } else {
                assertTrue(
                        tests.get(number).containsAll(Arrays.asList(suites.split(", "))),
                        () -> number + " is in " + tests.get(number) + ", not in " + suites);
            }
        });
    }
}
