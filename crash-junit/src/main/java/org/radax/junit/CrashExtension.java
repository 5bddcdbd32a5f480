package org.radax.junit;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.unit.Units;

/** Runs each {@link CrashTest} once for each of its models; while an image is replayed, the test it is of alone. */
final class CrashExtension implements TestTemplateInvocationContextProvider, ExecutionCondition {
    private static final String INTERNALS = "jdk.internal.misc";

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotation(context).isPresent();
    }

    private static Optional<CrashTest> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), CrashTest.class);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<ReplayToken> replay = ReplayToken.of(context);
        if (replay.isEmpty() || replay.get().test().equals(ReplayToken.testOf(context))) {
            return ConditionEvaluationResult.enabled("to be crashed");
        }
        return ConditionEvaluationResult.disabled(
                ReplayToken.PARAMETER + " is of " + replay.get().test());
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        CrashTest test = annotation(context).orElseThrow();
        requireSensible(test);
        requireInternals();
        ReplayToken replay = ReplayToken.of(context).orElse(null);
        if (replay == null) {
            return Arrays.stream(test.models()).map(model -> new CrashInvocation(test, model, null));
        }
        if (!Arrays.asList(test.models()).contains(replay.model())) {
            throw new ExtensionConfigurationException(
                    ReplayToken.PARAMETER + ": " + replay.test() + " is not run with " + replay.model());
        }
        return Stream.of(new CrashInvocation(test, replay.model(), replay));
    }

    private static void requireSensible(CrashTest test) {
        require(
                test.bytes() > 0 && test.bytes() % Units.BLOCK_BYTES == 0,
                "bytes = " + test.bytes() + ": a multiple of " + Units.BLOCK_BYTES + " expected");
        require(test.models().length > 0, "models: one at least");
        require(test.exhaustive() > 0, "exhaustive = " + test.exhaustive() + ": one image at least");
        require(test.subsets() >= 0, "subsets = " + test.subsets() + ": none or more expected");
        require(test.random() >= 0, "random = " + test.random() + ": none or more expected");
    }

    private static void require(boolean sensible, String message) {
        if (!sensible) {
            throw new ExtensionConfigurationException("@CrashTest: " + message);
        }
    }

    /** Without them the first store would end in an IllegalAccessError. */
    private static void requireInternals() {
        Module base = Object.class.getModule();
        Module core = CrashRecorder.class.getModule();
        if (!base.isExported(INTERNALS, core) || !base.isOpen(INTERNALS, core)) {
            throw new ExtensionConfigurationException("@CrashTest: the JVM of the tests needs the options"
                    + " --add-exports java.base/jdk.internal.misc=ALL-UNNAMED"
                    + " --add-opens java.base/jdk.internal.misc=ALL-UNNAMED (Maven: argLine of Surefire)");
        }
    }
}
