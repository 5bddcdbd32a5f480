package org.radax.core.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/FORMAT.md is the specification: its tables and the Layout classes say the same. */
final class FormatDocumentTest {
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| (\\d*) \\| ([A-Z_]+) \\| (.*) \\|");
    private static final Pattern CLASS = Pattern.compile("<!-- (\\w+Layout) -->");

    @Test
    void shouldAgreeWithTheLayoutClasses() throws Exception {
        Class<?> layout = null;
        int rows = 0;
        for (String line : Files.readAllLines(Path.of("../docs/FORMAT.md"))) {
            Matcher named = CLASS.matcher(line);
            if (named.matches()) {
                layout = Class.forName("org.radax.core.format." + named.group(1));
            }
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String field = row.group(3);
                assertEquals(
                        Integer.parseInt(row.group(1)), layout.getField(field).getInt(null), layout + "." + field);
                if (field.equals("MAGIC")) {
                    String magic = String.format(
                            "`0x%08x`", layout.getField("MAGIC_VALUE").getInt(null));
                    assertEquals(magic, row.group(4), layout + "." + field);
                }
                rows++;
            }
        }
        assertTrue(rows > 80, "rows read: " + rows);
    }

    /** The reference vector of the SipHash paper, appendix A: key 00..0f, message 00..0e. */
    @Test
    void shouldHashAsSipHash24() {
        byte[] message = new byte[15];
        for (int i = 0; i < 15; i++) {
            message[i] = (byte) i;
        }
        DirectoryHash hash = new DirectoryHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        assertEquals(0xa129ca6149be45e5L >>> 1, hash.keyOf(message, 15));
    }
}
