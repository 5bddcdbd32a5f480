package org.radax.bench;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** What JMH wrote of a run, as JSON. */
record Results(List<Result> all) {
    /**
     * One benchmark with one set of parameters.
     *
     * @param suite its class, without the package
     * @param median of the iterations, in the benchmark's unit
     * @param counters the medians of what was counted besides
     */
    record Result(
            String suite,
            String operation,
            Map<String, String> parameters,
            double median,
            Map<String, Double> counters) {}

    static Results read(Path file) throws IOException {
        JsonArray runs;
        try {
            runs = JsonParser.array().from(Files.readString(file));
        } catch (JsonParserException e) {
            throw new IOException(file + ": not JMH's results: " + e.getMessage(), e);
        }
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            results.add(result(runs.getObject(i)));
        }
        return new Results(results);
    }

    private static Result result(JsonObject run) {
        String[] name = run.getString("benchmark").split("\\.");
        Map<String, String> parameters = new TreeMap<>();
        run.getObject("params", new JsonObject())
                .forEach((parameter, value) -> parameters.put(parameter, value.toString()));
        Map<String, Double> counters = new TreeMap<>();
        JsonObject counted = run.getObject("secondaryMetrics");
        counted.keySet().forEach(counter -> counters.put(counter, median(counted.getObject(counter))));
        return new Result(
                name[name.length - 2],
                name[name.length - 1],
                parameters,
                median(run.getObject("primaryMetric")),
                counters);
    }

    private static double median(JsonObject metric) {
        double[] iterations = metric.getArray("rawData").stream()
                .flatMap(fork -> ((JsonArray) fork).stream())
                .mapToDouble(score -> ((Number) score).doubleValue())
                .sorted()
                .toArray();
        int half = iterations.length / 2;
        return iterations.length % 2 == 1 ? iterations[half] : (iterations[half - 1] + iterations[half]) / 2;
    }

    List<Result> of(String suite) {
        return all.stream().filter(result -> result.suite.equals(suite)).toList();
    }

    OptionalDouble median(String suite, String operation, Map<String, String> parameters) {
        return of(suite).stream()
                .filter(result -> result.operation.equals(operation) && result.parameters.equals(parameters))
                .mapToDouble(Result::median)
                .findFirst();
    }
}
