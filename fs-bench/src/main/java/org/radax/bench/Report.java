package org.radax.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;

/** Prints the tables of a run, and draws its plot: {@code Report RESULTS.json PLOT.svg}. */
public final class Report {
    private static final String NONE = "–";

    private final Results results;
    private final PrintStream out;

    private Report(Results results, PrintStream out) {
        this.results = results;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("Report RESULTS.json PLOT.svg");
        }
        Results results = Results.read(Path.of(arguments[0]));
        write(results, new PrintStream(System.out, true, StandardCharsets.UTF_8), Path.of(arguments[1]));
    }

    /** The plot is drawn if fsyncs were measured both ways. */
    static void write(Results results, PrintStream out, Path plot) throws IOException {
        Report report = new Report(results, out);
        report.index();
        report.memory();
        report.faults();
        List<SyncCosts> files = SyncCosts.of(results);
        if (!files.isEmpty()) {
            report.syncs(files);
            report.crossings(files);
            Files.writeString(plot, SyncPlot.draw(files));
            out.println("plot: " + plot);
        }
    }

    private void table(String heading, List<String> rows) {
        if (rows.isEmpty()) {
            return;
        }
        out.println(heading);
        out.println(heading.replaceAll("[^|]+", "---"));
        rows.forEach(out::println);
        out.println();
    }

    private static String row(Object... cells) {
        StringJoiner row = new StringJoiner(" | ", "| ", " |");
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        return row.toString();
    }

    /** Three digits that mean something. */
    static String number(double value) {
        int digits = value <= 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(value)));
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    private static String parameters(Results.Result result) {
        StringJoiner text = new StringJoiner(", ");
        result.parameters()
                .forEach((name, value) -> text.add(
                        switch (name) {
                            case "pattern" -> value.toLowerCase(Locale.ROOT);
                            case "dirtyPercent" -> value + " % dirty";
                            case "tracked" -> "1 TiB, " + value + " pages";
                            default -> value + " pages";
                        }));
        return text.toString();
    }

    private void index() {
        List<String> rows = new ArrayList<>();
        for (Results.Result index : results.of("PageIndexBenchmark")) {
            OptionalDouble map = results.median("TreeMapBenchmark", index.operation(), index.parameters());
            rows.add(row(
                    index.operation(),
                    parameters(index),
                    number(index.median()),
                    map.isPresent() ? number(map.getAsDouble()) : NONE,
                    map.isPresent() ? number(map.getAsDouble() / index.median()) : NONE));
        }
        table("| operation | pages | PageIndex, ns | TreeMap, ns | TreeMap / PageIndex |", rows);
    }

    private void memory() {
        List<String> rows = new ArrayList<>();
        for (Results.Result index : results.of("PageIndexBenchmark")) {
            Double bytes = index.counters().get("bytesPerPage");
            if (bytes != null) {
                rows.add(row(parameters(index), number(bytes)));
            }
        }
        table("| tracked | PageIndex, bytes a page |", rows);
    }

    private void faults() {
        List<String> rows = new ArrayList<>();
        for (Results.Result fault : results.of("FaultBenchmark")) {
            rows.add(row(fault.operation(), parameters(fault), number(fault.median())));
        }
        table("| fault | pages | entry and tag, ns |", rows);
    }

    private void syncs(List<SyncCosts> files) {
        List<String> rows = new ArrayList<>();
        for (SyncCosts file : files) {
            for (SyncCosts.Point point : file.points()) {
                rows.add(row(
                        file.fileName(),
                        point.dirtyPercent() + " %",
                        String.format(Locale.ROOT, "%,d", point.dirtyPages()),
                        number(point.tagsMicros()),
                        number(point.withFaultsMicros()),
                        number(point.rangeMicros()),
                        number(point.rangeMicros() / point.tagsMicros())));
            }
        }
        table("| file | dirty | pages | tags, µs | and their faults, µs | range, µs | range / tags |", rows);
    }

    private void crossings(List<SyncCosts> files) {
        List<String> rows = new ArrayList<>();
        for (SyncCosts file : files) {
            rows.add(row(
                    file.fileName(),
                    crossing(file, SyncCosts.Point::tagsMicros),
                    crossing(file, SyncCosts.Point::withFaultsMicros)));
        }
        table("| file | the range is cheaper from | with the faults, from |", rows);
    }

    private static String crossing(SyncCosts file, ToDoubleFunction<SyncCosts.Point> tags) {
        SyncCosts.Crossing crossing = file.crossing(tags);
        return crossing == null ? NONE : number(crossing.dirtyPercent()) + " % dirty";
    }
}
