package org.radax.it.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;

/**
 * A process that has a file mapped onto the pool and counts: each number is stored to the next page, and forced, until the
 * server is gone. What was forced is there afterwards.
 */
public final class CountingProgram implements AutoCloseable {
    private static final int PAGE = 4096;

    private final Process process;
    private final Thread reader;
    private volatile long forced;

    private CountingProgram(Path file, long forced) throws IOException {
        this.forced = forced;
        List<String> command = DaxProgram.java(CountingProgram.class, file.toString(), Long.toString(forced + 1));
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.reader = new Thread(this::read, "counting");
        reader.start();
    }

    /** On a file of whole pages, in which it counted so far before. */
    public static CountingProgram start(Path file, long forced) throws IOException {
        return new CountingProgram(file, forced);
    }

    private void read() {
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                forced = Long.parseLong(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last number that force returned for. */
    public long forced() {
        return forced;
    }

    /** Nothing but the death of the server ends it. */
    public void assertRunning() {
        assertTrue(process.isAlive(), "a process that has a file mapped ended early");
    }

    public void awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "a process that has a file mapped hangs");
        assertEquals(0, process.exitValue(), "it does not end well when the server is gone");
        reader.join();
    }

    public void kill() throws InterruptedException {
        // Not the process's own method: that one closes the pipe, with numbers in it.
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
    }

    /** Each page of the file has the last of its numbers that was forced, or the next one, which was not yet. */
    public static void verify(Path file, long forced) throws IOException {
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        int pages = content.capacity() / PAGE;
        for (int page = 0; page < pages; page++) {
            long expected = Math.max(0, forced - Math.floorMod(forced - page, pages));
            long found = content.getLong(page * PAGE);
            boolean next = found == forced + 1 && found % pages == page;
            assertTrue(found == expected || next, "page " + page + " has " + found + ", forced was " + forced);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process. */
    public static void main(String[] arguments) {
        Path path = Path.of(arguments[0]);
        try (DaxFile file = DaxFile.openForWriting(path)) {
            int pages = (int) (Files.size(path) / PAGE);
            DaxMapping mapping = file.map(0, (long) pages * PAGE);
            ByteBuffer buffer = mapping.buffer(0, pages * PAGE);
            for (long number = Long.parseLong(arguments[1]); ; number++) {
                int at = (int) (number % pages) * PAGE;
                buffer.putLong(at, number);
                mapping.force(at, PAGE);
                System.out.println(number);
            }
        } catch (IOException | InternalError e) {
            // The server is gone: that was the point.
            System.exit(0);
        }
    }
}
