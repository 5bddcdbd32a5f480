package org.radax.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.cli.console.ExitCodes;

/** Without a mount: one line on standard error, the right exit code, nothing made. */
final class BadInputTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "1, no command, ''",
        "1, frobnicate, frobnicate",
        "1, --frobnicate, --frobnicate",
        "1, POOL, mkfs",
        "1, --size, mkfs @/p",
        "1, 16M to 16T, mkfs --size 15M @/p",
        "1, 16M to 16T, mkfs --size 17T @/p",
        "1, 4X, mkfs --size 4X @/p",
        "1, octal, mkfs --size 16M --mode 888 @/p",
        "1, nosuchgroup, mkfs --size 16M --group nosuchgroup @/p",
        "1, uuid, mkfs --size 16M --uuid 1 @/p",
        "1, POOL, mount",
        "1, two names, mount @",
        "32, no such pool, mount @/p @",
        "32, not a pool, mount @ @",
        "1, frob, mount -o frob @/p @",
        "1, threads, mount --threads 0 @/p @",
        "32, no Radax mount, mount -o remount @",
        "1, DIR, umount",
        "32, no Radax mount, umount @",
        "16, POOL, fsck",
        "16, mutually exclusive, fsck -n -y @/p",
        "8, no such pool, fsck @/p",
        "1, no such pool, info @/p",
        "1, name a pool, info @",
        "1, everything, dump @/p everything",
        "1, needs N, dump @/p inode",
        "1, no argument, dump @/p super 1",
        "1, not a number, dump @/p group x",
        "1, no such pool, dump @/p super"
    })
    void shouldSayWhatIsWrongInOneLine(int code, String words, String commandLine) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = commandLine.isEmpty()
                ? new String[0]
                : commandLine.replace("@", directory.toString()).split(" ", -1);

        int actual = Radax.run(new PrintWriter(out), new PrintWriter(err), arguments);

        assertEquals(code, actual, err::toString);
        String line = err.toString();
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.startsWith("radax"), line);
        assertTrue(line.contains(words), line);
        assertFalse(line.contains("Exception"), line);
        assertFalse(Files.exists(directory.resolve("p")));
    }

    /** Not as the JVM does, with 1: of fsck that is "repaired". */
    @Test
    void shouldNotTakeAnErrorForARepair() {
        String pool = directory.resolve("p").toString();
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        assertEquals(0, Radax.run(nowhere, nowhere, "mkfs", "--size", "16M", pool));
        StringWriter err = new StringWriter();
        PrintWriter full = new PrintWriter(new StringWriter() {
            @Override
            public void write(String text, int start, int length) {
                throw new OutOfMemoryError("Java heap space");
            }
        });

        int code = Radax.run(full, new PrintWriter(err), "fsck", pool);

        assertEquals(ExitCodes.FSCK_NOT_RUN, code, err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().startsWith("radax fsck: not enough memory: Java heap space"), err::toString);
    }

    @Test
    void shouldHelp() {
        for (String command :
                new String[] {"", "mkfs", "mount", "umount", "fsck", "info", "dump", "bench", "quickstart"}) {
            StringWriter out = new StringWriter();
            String[] arguments = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};

            assertEquals(0, Radax.run(new PrintWriter(out), new PrintWriter(out), arguments));
            assertTrue(out.toString().startsWith("Usage: radax"), command);
        }
    }
}
