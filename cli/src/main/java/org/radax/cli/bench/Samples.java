package org.radax.cli.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured: for each row and target, one value a round. Rows keep the order they came in. */
final class Samples {
    record Row(String name, String unit) {}

    private final Map<Row, Map<String, List<Double>>> values = new LinkedHashMap<>();
    private final Map<Row, Map<String, String>> failures = new LinkedHashMap<>();

    void add(Row row, Target target, double value) {
        values.computeIfAbsent(row, r -> new LinkedHashMap<>())
                .computeIfAbsent(target.name(), t -> new ArrayList<>())
                .add(value);
    }

    void fail(Row row, Target target, String reason) {
        values.computeIfAbsent(row, r -> new LinkedHashMap<>());
        failures.computeIfAbsent(row, r -> new LinkedHashMap<>()).put(target.name(), reason);
    }

    Iterable<Row> rows() {
        return values.keySet();
    }

    OptionalDouble median(Row row, String target) {
        List<Double> sorted = values.getOrDefault(row, Map.of()).getOrDefault(target, List.of()).stream()
                .sorted()
                .toList();
        if (sorted.isEmpty()) {
            return OptionalDouble.empty();
        }
        int middle = sorted.size() / 2;
        return OptionalDouble.of(
                sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
    }

    List<Double> all(Row row, String target) {
        return values.getOrDefault(row, Map.of()).getOrDefault(target, List.of());
    }

    Map<String, String> failures(Row row) {
        return failures.getOrDefault(row, Map.of());
    }
}
