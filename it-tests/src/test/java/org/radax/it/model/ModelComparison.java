package org.radax.it.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.radax.it.harness.Posix;

/** Holds a directory tree against the model: names, types, contents, attributes, times, identity. */
final class ModelComparison {
    private static final int LIST_BYTES = 1 << 16;

    private final ModelFileSystem files;
    private final List<String> differences = new ArrayList<>();
    private final Map<Long, ModelNode> seen = new HashMap<>();

    private ModelComparison(ModelFileSystem files) {
        this.files = files;
    }

    /** What differs, one line each; empty when all is as it should be. */
    static List<String> compare(Path root, ModelFileSystem model) throws IOException {
        ModelComparison comparison = new ModelComparison(model);
        comparison.directory(root, model.root(), "/");
        return comparison.differences;
    }

    private void directory(Path path, ModelNode model, String name) throws IOException {
        Set<String> names = new TreeSet<>();
        long start = ModelRun.now();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        wasRead(model, false, start);
        if (!names.equals(model.entries.keySet())) {
            differences.add(name + ": lists " + names + ", expected " + model.entries.keySet());
            return;
        }
        for (Map.Entry<String, ModelNode> entry : model.entries.entrySet()) {
            String child = name + entry.getKey();
            node(path.resolve(entry.getKey()), entry.getValue(), child);
            if (entry.getValue().isDirectory()) {
                directory(path.resolve(entry.getKey()), entry.getValue(), child + "/");
            }
        }
    }

    private void node(Path path, ModelNode model, String name) throws IOException {
        Statx actual = Statx.of(path.toString());
        if (actual == null) {
            differences.add(name + ": stat fails with errno " + Posix.errno());
            return;
        }
        check(name, "mode", Integer.toOctalString(actual.mode()), Integer.toOctalString(typeBits(model) | model.mode));
        check(name, "links", actual.links(), model.links);
        check(name, "uid", actual.uid(), model.uid);
        check(name, "gid", actual.gid(), model.gid);
        if (model.type != ModelNode.Type.SYMLINK) {
            time(name, "atime", model.atime.accept(actual.atimeNanos()), actual.atimeNanos());
        }
        time(name, "mtime", model.mtime.accept(actual.mtimeNanos()), actual.mtimeNanos());
        time(name, "ctime", model.ctime.accept(actual.ctimeNanos()), actual.ctimeNanos());
        identity(name, actual, model);
        content(path, actual, model, name);
        attributes(path, model, name);
    }

    private void identity(String name, Statx actual, ModelNode model) {
        if (model.ino == 0) {
            model.ino = actual.ino();
            model.birthNanos = actual.birthNanos();
        }
        check(name, "inode number", actual.ino(), model.ino);
        check(name, "birth time", actual.birthNanos(), model.birthNanos);
        ModelNode other = seen.putIfAbsent(actual.ino(), model);
        if (other != null && other != model) {
            differences.add(name + ": shares inode number " + actual.ino() + " with another file");
        }
    }

    private void content(Path path, Statx actual, ModelNode model, String name) throws IOException {
        if (model.type == ModelNode.Type.FILE) {
            check(name, "size", actual.size(), (long) model.content.length);
            long start = ModelRun.now();
            byte[] content = Files.readAllBytes(path);
            wasRead(model, content.length == 0, start);
            int at = Arrays.mismatch(content, model.content);
            if (at >= 0) {
                differences.add(name + ": content differs from byte " + at + " of " + content.length);
            }
        } else if (model.type == ModelNode.Type.SYMLINK) {
            check(name, "size", actual.size(), (long) model.target.getBytes(StandardCharsets.UTF_8).length);
            check(name, "target", Files.readSymbolicLink(path).toString(), model.target);
        }
    }

    /** By this comparison; a hard link to it may come up again. */
    private void wasRead(ModelNode model, boolean none, long start) {
        files.read(model, none, start);
        files.finish(start, ModelRun.now());
    }

    private void attributes(Path path, ModelNode model, String name) {
        byte[] list = new byte[LIST_BYTES];
        long length = Posix.LIBC.llistxattr(path.toString(), list, list.length);
        Set<String> names = new TreeSet<>();
        if (length > 0) {
            for (String one : new String(list, 0, (int) length, StandardCharsets.UTF_8).split("\0", -1)) {
                if (!one.isEmpty()) {
                    names.add(one);
                }
            }
        }
        check(name, "attributes", names, model.attributes.keySet());
        for (Map.Entry<String, byte[]> attribute : model.attributes.entrySet()) {
            byte[] value = new byte[LIST_BYTES];
            long size = Posix.LIBC.lgetxattr(path.toString(), attribute.getKey(), value, value.length);
            if (size < 0 || !Arrays.equals(Arrays.copyOf(value, (int) size), attribute.getValue())) {
                differences.add(name + ": attribute " + attribute.getKey() + " differs");
            }
        }
    }

    private void time(String name, String what, String expected, long actual) {
        if (expected != null) {
            differences.add(name + ": " + what + " is " + actual + ", expected " + expected);
        }
    }

    private void check(String name, String what, Object actual, Object expected) {
        if (!actual.equals(expected)) {
            differences.add(name + ": " + what + " is " + actual + ", expected " + expected);
        }
    }

    private static int typeBits(ModelNode model) {
        return switch (model.type) {
            case FILE -> 0100000;
            case DIRECTORY -> 0040000;
            case SYMLINK -> 0120000;
            case FIFO -> 0010000;
        };
    }
}
