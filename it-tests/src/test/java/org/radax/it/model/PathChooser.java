package org.radax.it.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Paths for random operations: often of what exists, often beside it, sometimes nonsense. */
final class PathChooser {
    private static final List<String> NAMES =
            List.of("a", "b", "c", "d", "e", "ünïcode", "with space", "L".repeat(255));

    private final Random random;
    private final ModelFileSystem model;

    PathChooser(Random random, ModelFileSystem model) {
        this.random = random;
        this.model = model;
    }

    /** Any path. */
    String any() {
        int choice = random.nextInt(20);
        if (choice == 0) {
            return name() + "/" + name() + "/" + name();
        }
        if (choice == 1) {
            return join(directory(), "N".repeat(256));
        }
        return choice < 9 ? join(directory(), name()) : existing();
    }

    /** Likely not there yet. */
    String fresh() {
        return random.nextInt(8) == 0 ? any() : join(directory(), name());
    }

    /** Of something that is there, unless nothing is. */
    String existing() {
        List<String> paths = new ArrayList<>();
        collect(model.root(), "", paths, false);
        return paths.isEmpty() ? name() : paths.get(random.nextInt(paths.size()));
    }

    /** Of a directory, possibly the root (empty). */
    String directory() {
        List<String> paths = new ArrayList<>(List.of(""));
        collect(model.root(), "", paths, true);
        return paths.get(random.nextInt(paths.size()));
    }

    /** Where a symbolic link points to; never upwards, as that could leave the volume. */
    String target() {
        return random.nextInt(3) == 0 ? name() + "/" + name() : name();
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static String join(String directory, String name) {
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    private static void collect(ModelNode directory, String prefix, List<String> paths, boolean directoriesOnly) {
        directory.entries.forEach((name, node) -> {
            String path = join(prefix, name);
            if (!directoriesOnly || node.type == ModelNode.Type.DIRECTORY) {
                paths.add(path);
            }
            // Deep enough: longer paths would only take longer to compare.
            if (node.type == ModelNode.Type.DIRECTORY
                    && path.chars().filter(c -> c == '/').count() < 4) {
                collect(node, path, paths, directoriesOnly);
            }
        });
    }
}
