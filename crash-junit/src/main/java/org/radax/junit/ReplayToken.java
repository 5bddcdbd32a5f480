package org.radax.junit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Which image to make again: {@code Class.method/MODEL@point:choice}, as a failure names it. */
record ReplayToken(String test, CrashModel model, int point, String choice) {
    static final String PARAMETER = "radax.crash.replay";

    private static final Pattern FORM = Pattern.compile("(.+)/([A-Z_]+)@(\\d{1,9}):(.+)");

    /** Of the configuration parameter, or the system property of that name. */
    static Optional<ReplayToken> of(ExtensionContext context) {
        return context.getConfigurationParameter(PARAMETER).map(ReplayToken::parse);
    }

    private static ReplayToken parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new ExtensionConfigurationException(
                    PARAMETER + "=" + text + ": Class.method/MODEL@point:choice expected, as a failure says it");
        }
        try {
            return new ReplayToken(
                    matcher.group(1),
                    CrashModel.valueOf(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)),
                    matcher.group(4));
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException(PARAMETER + "=" + text + ": no model " + matcher.group(2), e);
        }
    }

    static String testOf(ExtensionContext context) {
        return context.getRequiredTestClass().getName() + "."
                + context.getRequiredTestMethod().getName();
    }
}
