package org.radax.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each benchmark runs: with few pages, for a moment, in this process. */
final class BenchmarksTest {
    static Stream<String> benchmarks() {
        return BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(BenchmarkListEntry::getUsername);
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void shouldRun(String benchmark) throws RunnerException {
        List<RunResult> results = List.copyOf(new Runner(new OptionsBuilder()
                        .include("^" + Pattern.quote(benchmark) + "$")
                        .param("count", "1000")
                        .param("tracked", "1000")
                        .param("mebibytes", "1")
                        .param("dirtyPercent", "10")
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(1))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run());
        assertFalse(results.isEmpty());
        results.forEach(result -> assertTrue(result.getPrimaryResult().getScore() > 0));
    }
}
