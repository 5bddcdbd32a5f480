package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;

/** Everything applications can see of a volume, by path: for comparing states. */
public final class TreeSnapshot {
    private static final int LIST_BYTES = 65_536;

    /** What is seen of one name. */
    record Node(String attributes, byte[] content, Map<String, String> xattrs) {
        private boolean isLike(Node other) {
            return timeless().equals(other.timeless()) && xattrs.equals(other.xattrs);
        }

        private String timeless() {
            return attributes.replaceAll("(mtime|ctime) \\d+", "$1");
        }

        private boolean hasAt(int i, Node other) {
            return other != null && i < other.content.length && content[i] == other.content[i];
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
        String attributes = String.format(
                "mode %o links %d uid %d gid %d rdev %d size %d blocks %d mtime %d ctime %d birth %d flags %x",
                a.mode,
                a.linkCount,
                a.uid,
                a.gid,
                a.rdev,
                a.sizeBytes,
                a.blocks,
                a.mtimeNanos,
                a.ctimeNanos,
                a.birthNanos,
                a.flags);
        nodes.put(path, new Node(attributes, content, xattrs(v, ino)));
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
            if (at >= 0) {
                found.add(path + ": content differs at byte " + at + " of " + other.content.length);
            }
        });
        return found;
    }

    /**
     * How this state is not one that an overwrite in place may leave: each file has the attributes (times apart) and
     * the length of {@code before} or of {@code after}, and each of its bytes is one of theirs.
     */
    public List<String> differencesIfTorn(TreeSnapshot before, TreeSnapshot after) {
        List<String> found = new ArrayList<>();
        if (!nodes.keySet().equals(before.nodes.keySet()) && !nodes.keySet().equals(after.nodes.keySet())) {
            found.add("names " + nodes.keySet());
        }
        nodes.forEach((path, node) -> {
            Node old = before.nodes.get(path);
            Node now = after.nodes.get(path);
            if (!(old != null && node.isLike(old)) && !(now != null && node.isLike(now))) {
                found.add(path + ": " + node.attributes);
            }
            for (int i = 0; i < node.content.length; i++) {
                if (!node.hasAt(i, old) && !node.hasAt(i, now)) {
                    found.add(path + ": byte " + i + " is neither the old nor the new one");
                    return;
                }
            }
        });
        return found;
    }
}
