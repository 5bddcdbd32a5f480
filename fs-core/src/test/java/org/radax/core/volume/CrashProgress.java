package org.radax.core.volume;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * How far an enumeration has come, kept in a directory so that the next run can go on: which images were seen, and of
 * each part the first workload that is not done. Holds for the classes it was made with, and for no others.
 */
final class CrashProgress {
    private static final String CLASSES = "classes";
    private static final String IMAGES = ".images";

    private final Path directory;
    private final Properties properties = new Properties();
    private DistinctHashes distinct = new DistinctHashes();

    /** Begins anew. */
    CrashProgress(Path directory) {
        this.directory = directory;
    }

    /** Goes on where the last run stopped; IllegalStateException where that ran other classes. */
    static CrashProgress resumed(Path directory) throws IOException {
        CrashProgress progress = new CrashProgress(directory);
        Path file = progress.file();
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                progress.properties.load(in);
            }
            if (!progress.properties.getProperty(CLASSES, "").equals(classes())) {
                throw new IllegalStateException(file + ": of other classes than these; run without --resume");
            }
            progress.distinct = DistinctHashes.load(directory.resolve("images"));
        }
        return progress;
    }

    private Path file() {
        return directory.resolve("progress");
    }

    DistinctHashes distinct() {
        return distinct;
    }

    synchronized long position(String part) {
        return Long.parseLong(properties.getProperty(part, "0"));
    }

    /** Images so far, the same one counted again in another workload. */
    synchronized long images(String part) {
        return Long.parseLong(properties.getProperty(part + IMAGES, "0"));
    }

    synchronized void reached(String part, long position, long images) {
        properties.setProperty(part, Long.toString(position));
        properties.setProperty(part + IMAGES, Long.toString(images));
    }

    /** The images first: a position is never ahead of them. */
    synchronized void save() throws IOException {
        Files.createDirectories(directory);
        distinct.save(directory.resolve("images"));
        properties.setProperty(CLASSES, classes());
        Path fresh = directory.resolve("progress.new");
        try (Writer out = Files.newBufferedWriter(fresh)) {
            properties.store(out, null);
        }
        Files.move(fresh, file(), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String classes() throws IOException {
        CRC32C sum = new CRC32C();
        for (Path root : List.of(rootOf(Volume.class), rootOf(CrashProgress.class))) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".class"))
                        .sorted()
                        .toList()) {
                    sum.update(Files.readAllBytes(file));
                }
            }
        }
        return Long.toHexString(sum.getValue());
    }

    private static Path rootOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }
}
