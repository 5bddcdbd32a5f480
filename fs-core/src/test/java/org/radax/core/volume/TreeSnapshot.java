package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;

/** Everything applications can see of a volume, by path: for comparing states. */
public final class TreeSnapshot {
    private static final int LIST_BYTES = 65_536;

    /** What is seen of one name. */
    record Node(long ino, String attributes, byte[] content, Map<String, String> xattrs) {
        private boolean isLike(Node other) {
            return timeless().equals(other.timeless()) && xattrs.equals(other.xattrs);
        }

        private String timeless() {
            return attributes.replaceAll("(mtime|ctime) \\d+", "$1");
        }

        /** Whether it has the length of one of these contents, and each byte is one of theirs, or an earlier one. */
        private boolean isMadeOf(List<byte[]> contents, List<byte[]> earlier) {
            if (contents.stream().noneMatch(other -> other.length == content.length)) {
                return false;
            }
            int at = 0;
            while (at < content.length) {
                int end = endOfCommon(at, contents);
                end = end == at ? endOfCommon(at, earlier) : end;
                if (end == at) {
                    return false;
                }
                at = end;
            }
            return true;
        }

        /** How far it is the same as one of those that it begins to be the same as. */
        private int endOfCommon(int from, List<byte[]> others) {
            for (byte[] other : others) {
                if (from < other.length && content[from] == other[from]) {
                    int length = Arrays.mismatch(content, from, content.length, other, from, other.length);
                    return length < 0 ? content.length : from + length;
                }
            }
            return from;
        }
    }

    private final Map<String, Node> nodes = new TreeMap<>();

    public static TreeSnapshot of(TestVolume volume) throws FsException {
        TreeSnapshot snapshot = new TreeSnapshot();
        snapshot.walk(volume, "/", FileSystem.ROOT_INO);
        return snapshot;
    }

    private void walk(TestVolume v, String path, long ino) throws FsException {
        Attributes a = v.stat(ino);
        boolean directory = InodeFlags.isDirectory(a.mode);
        byte[] content = {};
        if (InodeFlags.isRegular(a.mode)) {
            content = v.read(ino, 0, (int) a.sizeBytes);
        } else if ((a.mode & InodeFlags.TYPE_MASK) == InodeFlags.SYMLINK) {
            content = v.readlink(ino).getBytes(StandardCharsets.UTF_8);
        }
        String attributes = "mode " + Integer.toOctalString(a.mode) + " links " + a.linkCount + " uid " + a.uid
                + " gid "
                + a.gid + " rdev " + a.rdev + " size " + a.sizeBytes + " blocks " + a.blocks + " mtime " + a.mtimeNanos
                + " ctime " + a.ctimeNanos + " birth " + a.birthNanos + " flags " + Integer.toHexString(a.flags);
        nodes.put(path, new Node(ino, attributes, content, xattrs(v, ino)));
        if (directory) {
            for (String name : v.list(ino, 1000)) {
                long child = v.lookup(ino, name);
                if (child == 0) {
                    throw new AssertionError(path + name + " is listed but not found");
                }
                walk(v, path + name + (InodeFlags.isDirectory(v.stat(child).mode) ? "/" : ""), child);
            }
        }
    }

    private static Map<String, String> xattrs(TestVolume v, long ino) throws FsException {
        Map<String, String> xattrs = new TreeMap<>();
        long buffer = RawMemory.allocate(LIST_BYTES);
        int length = v.volume.listxattr(TestVolume.ROOT, ino, buffer, LIST_BYTES);
        byte[] list = new byte[length];
        RawMemory.copyOut(buffer, list, 0, length);
        RawMemory.free(buffer);
        if (length > 0) {
            for (String name : new String(list, StandardCharsets.UTF_8).split("\0")) {
                byte[] value = v.getxattr(ino, name);
                xattrs.put(name, value.length + " bytes, hash " + Arrays.hashCode(value));
            }
        }
        return xattrs;
    }

    /** How {@code this} differs from {@code expected}; empty if not at all. */
    public List<String> differences(TreeSnapshot expected) {
        return differences(expected, Map.of());
    }

    /** As {@link #differences(TreeSnapshot)}, but a byte may also come from an earlier content of its inode. */
    List<String> differences(TreeSnapshot expected, Map<Long, List<byte[]>> earlier) {
        List<String> found = new ArrayList<>();
        for (String path : expected.nodes.keySet()) {
            if (!nodes.containsKey(path)) {
                found.add(path + " is missing");
            }
        }
        nodes.forEach((path, node) -> {
            Node other = expected.nodes.get(path);
            if (other == null) {
                found.add(path + " is too many");
                return;
            }
            if (!node.attributes.equals(other.attributes)) {
                found.add(path + ": " + node.attributes + ", expected " + other.attributes);
            }
            if (!node.xattrs.equals(other.xattrs)) {
                found.add(path + ": " + node.xattrs + ", expected " + other.xattrs);
            }
            int at = Arrays.mismatch(node.content, other.content);
            if (at >= 0 && !node.isMadeOf(List.of(other.content), earlier.getOrDefault(node.ino, List.of()))) {
                found.add(path + ": content differs at byte " + at + " of " + other.content.length);
            }
        });
        return found;
    }

    /**
     * How this state is not one that an overwrite in place may leave: it has the names of one of {@code states}, each file
     * has the attributes (times apart) and the length of one of them, and each of its bytes is one of theirs, or of an
     * earlier content of its inode.
     */
    List<String> differencesIfTorn(List<TreeSnapshot> states, Map<Long, List<byte[]>> earlier) {
        List<String> found = new ArrayList<>();
        if (states.stream().noneMatch(state -> state.nodes.keySet().equals(nodes.keySet()))) {
            found.add("names " + nodes.keySet());
        }
        nodes.forEach((path, node) -> {
            List<Node> others = states.stream()
                    .map(state -> state.nodes.get(path))
                    .filter(Objects::nonNull)
                    .toList();
            if (others.stream().noneMatch(node::isLike)) {
                found.add(path + ": " + node.attributes);
            } else if (!node.isMadeOf(
                    others.stream().map(Node::content).toList(), earlier.getOrDefault(node.ino, List.of()))) {
                found.add(path + ": a byte is neither an old nor a new one");
            }
        });
        return found;
    }

    /** The same for states that differ in contents alone. */
    int shape() {
        int hash = 0;
        for (Map.Entry<String, Node> node : nodes.entrySet()) {
            hash = 31 * hash + Objects.hash(node.getKey(), node.getValue().attributes, node.getValue().xattrs);
        }
        return hash;
    }

    /** What is here under the names that an inode has in other states: its number may be another one here. */
    List<byte[]> contentsAsNamed(long ino, TreeSnapshot... others) {
        List<byte[]> contents = new ArrayList<>();
        for (TreeSnapshot other : others) {
            other.nodes.forEach((path, node) -> {
                if (node.ino == ino && nodes.containsKey(path)) {
                    contents.add(nodes.get(path).content);
                }
            });
        }
        return contents;
    }

    boolean has(long ino) {
        return !names(ino).isEmpty();
    }

    List<String> names(long ino) {
        return nodes.keySet().stream()
                .filter(path -> nodes.get(path).ino == ino)
                .toList();
    }

    /** By inode, what this state has in its files. */
    byte[] contentOf(long ino) {
        return nodes.values().stream()
                .filter(node -> node.ino == ino)
                .findFirst()
                .map(Node::content)
                .orElse(new byte[0]);
    }
}
