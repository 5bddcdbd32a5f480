package org.radax.cli.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** The results as table and as tree: medians, and Radax's ratio to each of the others. */
final class BenchReport {
    private static final String OURS = "radax";
    private static final int NAME_WIDTH = 28;
    private static final int COLUMN_WIDTH = 20;

    private final List<String> targets;
    private final Samples samples;
    private final Map<String, Object> facts;

    /** {@code facts}: what was measured once, not per target (start-up, memory). */
    BenchReport(List<String> targets, Samples samples, Map<String, Object> facts) {
        this.targets = targets;
        this.samples = samples;
        this.facts = facts;
    }

    String table() {
        StringBuilder out = new StringBuilder();
        out.append(pad("median (radax / it)", NAME_WIDTH));
        targets.forEach(target -> out.append(padLeft(target, COLUMN_WIDTH)));
        out.append('\n');
        for (Samples.Row row : samples.rows()) {
            out.append(pad(row.name() + ", " + row.unit(), NAME_WIDTH));
            targets.forEach(target -> out.append(padLeft(cell(row, target), COLUMN_WIDTH)));
            out.append('\n');
        }
        for (Samples.Row row : samples.rows()) {
            samples.failures(row)
                    .forEach((target, reason) -> out.append(row.name())
                            .append(" on ")
                            .append(target)
                            .append(": ")
                            .append(reason)
                            .append('\n'));
        }
        return out.toString();
    }

    private String cell(Samples.Row row, String target) {
        OptionalDouble median = samples.median(row, target);
        if (median.isEmpty()) {
            return "-";
        }
        String text = String.format(Locale.ROOT, "%,.0f", median.getAsDouble());
        OptionalDouble ratio = ratio(row, target);
        return target.equals(OURS) || ratio.isEmpty()
                ? text
                : text + String.format(Locale.ROOT, " (%.2f)", ratio.getAsDouble());
    }

    private OptionalDouble ratio(Samples.Row row, String target) {
        OptionalDouble ours = samples.median(row, OURS);
        OptionalDouble its = samples.median(row, target);
        return ours.isEmpty() || its.isEmpty() || its.getAsDouble() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(ours.getAsDouble() / its.getAsDouble());
    }

    Map<String, Object> tree() {
        List<Object> rows = new ArrayList<>();
        for (Samples.Row row : samples.rows()) {
            Map<String, Object> medians = new LinkedHashMap<>();
            Map<String, Object> ratios = new LinkedHashMap<>();
            Map<String, Object> all = new LinkedHashMap<>();
            for (String target : targets) {
                samples.median(row, target).ifPresent(median -> medians.put(target, median));
                if (!target.equals(OURS)) {
                    ratio(row, target).ifPresent(ratio -> ratios.put(target, ratio));
                }
                all.put(target, samples.all(row, target));
            }
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", row.name());
            one.put("unit", row.unit());
            one.put("medians", medians);
            one.put("radaxRatios", ratios);
            one.put("samples", all);
            one.put("failures", samples.failures(row));
            rows.add(one);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("targets", targets);
        tree.put("rows", rows);
        tree.putAll(facts);
        return tree;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    private static String padLeft(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }
}
