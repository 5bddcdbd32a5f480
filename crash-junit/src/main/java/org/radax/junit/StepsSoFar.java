package org.radax.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The labels of the steps that have returned, and of those that have begun and not returned. Immutable. */
record StepsSoFar(List<String> completed, List<String> interrupted) {
    static final StepsSoFar NONE = new StepsSoFar(List.of(), List.of());

    StepsSoFar begin(String label) {
        return new StepsSoFar(completed, with(interrupted, label));
    }

    StepsSoFar complete(String label) {
        List<String> rest = new ArrayList<>(interrupted);
        rest.remove(label);
        return new StepsSoFar(with(completed, label), List.copyOf(rest));
    }

    List<String> begun() {
        return Stream.concat(completed.stream(), interrupted.stream()).toList();
    }

    private static List<String> with(List<String> labels, String label) {
        List<String> longer = new ArrayList<>(labels);
        longer.add(label);
        return List.copyOf(longer);
    }
}
