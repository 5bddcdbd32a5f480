package org.radax.cli.dax;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Names of files that are known by number. */
final class FileNames {
    private FileNames() {}

    /** Those below a directory, by one of their names. */
    static Map<Path, Long> below(Path directory, Collection<Long> inodes) throws IOException {
        Map<Path, Long> names = new TreeMap<>();
        Set<Long> missing = new HashSet<>(inodes);
        if (missing.isEmpty()) {
            return names;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                long ino = ((Number) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS)).longValue();
                if (missing.remove(ino)) {
                    names.put(file, ino);
                }
                return missing.isEmpty() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                // It went away meanwhile, or is not ours to see.
                return FileVisitResult.CONTINUE;
            }
        });
        return names;
    }
}
