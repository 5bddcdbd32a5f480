package org.radax.junit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents show the example as it is. */
final class DocumentTest {
    private static final Path EXAMPLE = Path.of("src/test/java/org/radax/junit/examples/MessageLogCrashTest.java");
    private static final String START = "    @CrashTest(";
    private static final String END = "\n    }\n";

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/CRASH-JUNIT.md"})
    void shouldShowExampleAsItIs(String document) throws IOException {
        String text = Files.readString(Path.of("..", document));
        int start = text.indexOf(START);
        String shown = text.substring(start, text.indexOf(END, start) + END.length());
        assertTrue(Files.readString(EXAMPLE).contains(shown), shown);
    }
}
