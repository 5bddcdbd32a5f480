package org.radax.cli.bench;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Many small files in one directory: created, stat'ed, renamed, unlinked; operations per second of each. */
final class FileOperations {
    static final String CREATE = "create";
    static final String STAT = "stat";
    static final String RENAME = "rename";
    static final String UNLINK = "unlink";

    @FunctionalInterface
    private interface Operation {
        void on(int number) throws IOException;
    }

    private FileOperations() {}

    static Map<String, Double> run(Target target, int count) throws IOException {
        Path directory = Files.createDirectory(target.directory().resolve("files"));
        Map<String, Double> rates = new LinkedHashMap<>();
        rates.put(CREATE, rate(count, number -> create(directory.resolve("f" + number))));
        rates.put(STAT, rate(count, number -> Files.readAttributes(directory.resolve("f" + number), "unix:size,mode")));
        rates.put(
                RENAME,
                rate(count, number -> Files.move(directory.resolve("f" + number), directory.resolve("g" + number))));
        rates.put(UNLINK, rate(count, number -> Files.delete(directory.resolve("g" + number))));
        Files.delete(directory);
        return rates;
    }

    static void create(Path file) throws IOException {
        SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.close();
    }

    private static double rate(int count, Operation operation) throws IOException {
        long start = System.nanoTime();
        for (int number = 0; number < count; number++) {
            operation.on(number);
        }
        return count * 1e9 / (System.nanoTime() - start);
    }
}
