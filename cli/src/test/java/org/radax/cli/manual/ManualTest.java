package org.radax.cli.manual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.cli.Radax;

/** Man pages and completion say what the commands say. */
final class ManualTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int radax(String... arguments) {
        return Radax.run(new PrintWriter(out), new PrintWriter(err), arguments);
    }

    @Test
    void shouldDescribeEveryOptionOfMount() {
        assertEquals(0, radax("man", "mount"), err.toString());
        String page = out.toString();
        assertTrue(page.startsWith(".TH RADAX-MOUNT 8 "), page);
        for (String word : List.of("\\-\\-threads", "\\-\\-cache", "\\-\\-read\\-only", "POOL", ".SH OPTIONS")) {
            assertTrue(page.contains(word), word + " missing in:\n" + page);
        }
        page.lines().forEach(line -> assertTrue(!line.contains("${"), line));
    }

    @Test
    void shouldWriteAPageForEachCommand() throws IOException {
        assertEquals(0, radax("man", "--output", directory.toString()), err.toString());
        for (String name : List.of("radax", "radax-mkfs", "radax-mount", "radax-fsck", "radax-scrub", "radax-bench")) {
            assertTrue(Files.exists(directory.resolve(name + ".8")), name);
        }
        assertTrue(Files.notExists(directory.resolve("radax-warm-up.8")));
    }

    @Test
    void shouldRefuseAPageOfNoCommand() {
        assertTrue(radax("man", "nonsense") != 0);
        assertTrue(err.toString().contains("nonsense: no such command"), err.toString());
    }

    @Test
    void shouldCompleteCommandsInBash() throws Exception {
        assertEquals(0, radax("completion"), err.toString());
        Path script = directory.resolve("completion");
        Files.writeString(script, out.toString());
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script + "; COMP_WORDS=(radax m); COMP_CWORD=1; COMP_LINE='radax m';"
                                + " _complete_radax; echo \"${COMPREPLY[@]}\"")
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), said);
        assertTrue(said.contains("mkfs") && said.contains("mount") && said.contains("man"), said);
    }
}
