package org.radax.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs crash tests inside of a test, and tells what came of them. */
record Engine(EngineExecutionResults results) {
    private static final String JUPITER = "junit-jupiter";

    /** One method, of a class that has no other of that name. */
    static Engine run(Class<?> cases, String method, String... parameters) {
        String types = Arrays.stream(cases.getDeclaredMethods())
                .filter(declared -> declared.getName().equals(method))
                .flatMap(declared -> Arrays.stream(declared.getParameterTypes()))
                .map(Class::getName)
                .collect(Collectors.joining(","));
        return run(EngineTestKit.engine(JUPITER).selectors(selectMethod(cases, method, types)), parameters);
    }

    static Engine runAll(Class<?> cases, String... parameters) {
        return run(EngineTestKit.engine(JUPITER).selectors(selectClass(cases)), parameters);
    }

    private static Engine run(EngineTestKit.Builder kit, String... parameters) {
        for (String parameter : parameters) {
            String[] pair = parameter.split("=", 2);
            kit.configurationParameter(pair[0], pair[1]);
        }
        return new Engine(kit.execute());
    }

    /** Crash points, images and distinct images of each search, as {@code 3 4 4}. */
    List<String> figures() {
        return results.allEvents()
                .reportingEntryPublished()
                .map(event -> event.getRequiredPayload(ReportEntry.class).getKeyValuePairs())
                .map(Engine::text)
                .toList();
    }

    private static String text(Map<String, String> figures) {
        return figures.get("crash points") + " " + figures.get("images") + " " + figures.get("distinct images");
    }

    /** What went wrong, in tests and containers. */
    List<Throwable> failures() {
        return results.allEvents()
                .failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow())
                .toList();
    }

    Throwable failure() {
        if (failures().size() != 1) {
            throw new AssertionError("one failure expected, not " + failures());
        }
        return failures().get(0);
    }

    /** The tests that ran, by what they show. */
    List<String> started() {
        return names(results.testEvents().started().list());
    }

    /** Tests and containers that were skipped. */
    List<String> skipped() {
        return names(results.allEvents().skipped().list());
    }

    private static List<String> names(List<Event> events) {
        return events.stream()
                .map(event -> event.getTestDescriptor().getDisplayName())
                .toList();
    }
}
