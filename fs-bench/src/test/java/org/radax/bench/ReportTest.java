package org.radax.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables and plot of results as JMH writes them. */
final class ReportTest {
    @TempDir
    Path directory;

    private static String run(String name, String parameters, String scores) {
        return """
                {"benchmark": "org.radax.%s", "params": {%s},
                 "primaryMetric": {"rawData": %s}, "secondaryMetrics": {"bytesPerPage": {"rawData": [[8.5, 8.5]]}}}""".formatted(name, parameters, scores);
    }

    private static String sync(String operation, String percent, double micros) {
        String parameters = "\"mebibytes\": \"64\", \"dirtyPercent\": \"" + percent + "\"";
        return run("bench.SyncBenchmark." + operation, parameters, "[[" + micros + "]]");
    }

    private static final List<String> RUNS = List.of(
            run("core.dax.PageIndexBenchmark.lookUp", "\"pattern\": \"DENSE\"", "[[9, 20], [30, 40, 10]]"),
            run("bench.TreeMapBenchmark.lookUp", "\"pattern\": \"UNIFORM\"", "[[1]]"),
            run("bench.TreeMapBenchmark.lookUp", "\"pattern\": \"DENSE\"", "[[90, 110]]"),
            run("bench.FaultBenchmark.store", "\"pattern\": \"DENSE\"", "[[500]]"),
            sync("tags", "1", 100),
            sync("tags", "100", 10_000),
            sync("range", "1", 1_000),
            sync("range", "100", 1_000));

    private Results results(List<String> runs) throws IOException {
        return Results.read(Files.writeString(directory.resolve("results.json"), runs.toString()));
    }

    private String report(List<String> runs) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report.write(results(runs), new PrintStream(out, true, StandardCharsets.UTF_8), directory.resolve("plot.svg"));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldCompareMediansOfTheSameParameters() throws IOException {
        String text = report(RUNS);
        assertTrue(text.contains("| lookUp | dense | 20.0 | 100 | 5.00 |"), text);
        assertTrue(text.contains("| dense | 8.50 |"), text);
    }

    /** A tenfold win at 1 % and a tenfold loss at 100 % cross at 10 %. */
    @Test
    void shouldFindTheCrossing() throws IOException {
        SyncCosts file = SyncCosts.of(results(RUNS)).get(0);
        assertEquals(10, file.crossing(SyncCosts.Point::tagsMicros).dirtyPercent(), 1e-9);
        assertEquals(1_000, file.crossing(SyncCosts.Point::tagsMicros).micros(), 1e-6);
        assertEquals(164, file.points().get(0).dirtyPages());
        assertEquals(100 + 164 * 0.5, file.points().get(0).withFaultsMicros(), 1e-9);
    }

    @Test
    void shouldMarkTheCrossingInThePlot() throws IOException {
        report(RUNS);
        String svg = Files.readString(directory.resolve("plot.svg"));
        // Half of the way from 1 % to 100 %.
        Matcher circle = Pattern.compile("<circle cx=\"([0-9.]+)\"").matcher(svg);
        assertTrue(circle.find(), svg);
        assertEquals("230.0", circle.group(1));
    }

    @Test
    void shouldSayWhereNothingCrosses() throws IOException {
        String text = report(List.of(
                sync("tags", "1", 1), sync("tags", "100", 2), sync("range", "1", 10), sync("range", "100", 10)));
        assertTrue(text.contains("| 64 MiB | – | – |"), text);
    }

    @Test
    void shouldLeaveOutWhatWasNotMeasured() throws IOException {
        assertEquals("", report(List.of()));
        assertTrue(!Files.exists(directory.resolve("plot.svg")));
    }

    @Test
    void shouldRefuseWhatIsNotResults() {
        assertThrows(IOException.class, () -> results(List.of("{")));
    }
}
