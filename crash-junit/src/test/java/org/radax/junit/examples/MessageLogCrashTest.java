package org.radax.junit.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.junit.CrashModel.CACHE_LINES;
import static org.radax.junit.CrashModel.PAGE_CACHE;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.junit.CrashPool;
import org.radax.junit.CrashTest;

/** The log survives a power cut at any moment: what docs/CRASH-JUNIT.md shows. */
public final class MessageLogCrashTest {
    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void shouldKeepEachMessageOnceAppended(CrashPool pool) {
        MessageLog log = new MessageLog(pool.buffer(), pool::msync);
        for (String message : List.of("first", "second", "third, which is longer")) {
            pool.step(message, () -> log.append(message));
        }
        pool.checkEveryCrash(crashed -> {
            List<String> found = new MessageLog(crashed.buffer(), crashed::msync).messages();
            assertTrue(found.equals(crashed.completed()) || found.equals(crashed.begun()), found::toString);
        });
    }

    /** After a crash it goes on as ever. */
    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void shouldTakeMessagesAfterCrash(CrashPool pool) {
        MessageLog log = new MessageLog(pool.buffer(), pool::msync);
        pool.step("first", () -> log.append("first"));
        pool.checkEveryCrash(crashed -> {
            MessageLog recovered = new MessageLog(crashed.buffer(), crashed::msync);
            int found = recovered.messages().size();
            recovered.append("second");
            assertEquals("second", recovered.messages().get(found));
        });
    }

    /** The same class on a mapped file: how the application uses it. */
    @Test
    void shouldKeepMessagesInMappedFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("log");
        for (int opened = 1; opened <= 2; opened++) {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 16);
                MessageLog log = new MessageLog(mapped, mapped::force);
                log.append("message");
                assertEquals(opened, log.messages().size());
            }
        }
    }
}
