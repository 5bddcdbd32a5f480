package org.radax.it.live;

import java.util.ArrayList;
import java.util.List;

/** A quantity of the daemon over time. It grows if the last quarter's median is beyond that of the second by more than is allowed. */
final class Series {
    private final String name;
    private final int allowedPercent;
    private final long allowed;
    private final List<Long> values = new ArrayList<>();

    /** Allowed are so many percent of the second quarter's median, and so much besides. */
    Series(String name, int allowedPercent, long allowed) {
        this.name = name;
        this.allowedPercent = allowedPercent;
        this.allowed = allowed;
    }

    String name() {
        return name;
    }

    void add(long value) {
        values.add(value);
    }

    long last() {
        return values.get(values.size() - 1);
    }

    /** The first quarter, in which a JVM warms up, is left out. */
    boolean grows() {
        return late() - early() > early() * allowedPercent / 100 + allowed;
    }

    String summary() {
        return name + " " + early() + " → " + late() + (grows() ? " GROWS" : "");
    }

    private long early() {
        return median(values.size() / 4, values.size() / 2);
    }

    private long late() {
        return median(values.size() * 3 / 4, values.size());
    }

    private long median(int start, int end) {
        if (start >= end) {
            throw new IllegalStateException(name + ": " + values.size() + " values are too few");
        }
        List<Long> sorted = values.subList(start, end).stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
