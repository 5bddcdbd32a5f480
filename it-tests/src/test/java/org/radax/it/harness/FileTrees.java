package org.radax.it.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whole directory trees: what is in them, as one line an entry. */
public final class FileTrees {
    private FileTrees() {}

    /** Relative path → type, mode, owner, size, modification time, and a hash of the content. */
    public static Map<String, String> describe(Path root) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : (Iterable<Path>) walk::iterator) {
                if (!path.equals(root)) {
                    entries.put(root.relativize(path).toString(), describeOne(path));
                }
            }
        }
        return entries;
    }

    /** Fails with the entries that differ, and only those. */
    public static void assertSame(Map<String, String> expected, Path root) throws IOException {
        Map<String, String> actual = describe(root);
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(expected.get(name), actual.get(name))) {
                differences.add(name + ": " + actual.get(name) + ", expected " + expected.get(name));
            }
        }
        assertEquals("", String.join("\n", differences), root.toString());
    }

    private static String describeOne(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:mode,uid,gid,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        String who = Integer.toOctalString((Integer) attributes.get("mode")) + " " + attributes.get("uid") + ":"
                + attributes.get("gid") + " " + attributes.get("lastModifiedTime");
        if (Files.isSymbolicLink(path)) {
            return "link " + who + " " + Files.readSymbolicLink(path);
        }
        if (Files.isDirectory(path)) {
            return "directory " + who;
        }
        return Files.isRegularFile(path) ? "file " + who + " " + attributes.get("size") + " " + hash(path) : who;
    }

    public static String hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int got = in.read(buffer); got > 0; got = in.read(buffer)) {
                digest.update(buffer, 0, got);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(root)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
