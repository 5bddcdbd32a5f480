package org.radax.junit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.radax.core.crash.CrashOptions;

/** One run of a crash test: its pool, and that it was checked. */
final class CrashInvocation
        implements TestTemplateInvocationContext, ParameterResolver, AfterTestExecutionCallback, AfterEachCallback {
    private static final String DIRECTORY = "radax.crash.images";

    private final CrashTest test;
    private final CrashModel model;
    private final ReplayToken replay;
    private CrashPool pool;

    /** @param replay null for all images */
    CrashInvocation(CrashTest test, CrashModel model, ReplayToken replay) {
        this.test = test;
        this.model = model;
        this.replay = replay;
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return model.toString();
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == CrashPool.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (pool == null) {
            pool = new CrashPool(test.bytes(), model, search(context));
        }
        return pool;
    }

    private CrashSearch search(ExtensionContext context) {
        String workload = ReplayToken.testOf(context) + "/" + model.name();
        CrashOptions options = new CrashOptions(
                test.exhaustive(), test.subsets(), test.exhaustive(), test.random(), test.seed(), 1, null);
        Path directory = Path.of(context.getConfigurationParameter(DIRECTORY).orElse("target/crash-images"));
        return new CrashSearch(workload, options, replay, directory, figures -> {
            context.publishReportEntry(figures);
            // Surefire passes no report entries on.
            System.out.println(workload + ": " + text(figures));
        });
    }

    private static String text(Map<String, String> figures) {
        return figures.entrySet().stream()
                .map(figure -> figure.getValue() + " " + figure.getKey())
                .collect(Collectors.joining(", "));
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        boolean returned = context.getExecutionException().isEmpty();
        if (returned && (pool == null || !pool.isChecked())) {
            throw new IllegalStateException(
                    "no crash was checked: a crash test takes a CrashPool, and ends with its checkEveryCrash");
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (pool != null) {
            pool.release();
        }
    }
}
