package org.radax.fuse.jnr;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Open files without a name. libfuse names them, by a rename to {@code .fuse_hiddenNNN}, so that fstat and its like
 * still have a path to come by; the volume lets the name go and keeps the inode, which lives as long as it is open. So
 * these names exist here only. They are unique over the life of a mount. Thread-safe.
 */
final class HiddenFiles {
    private static final String PREFIX = ".fuse_hidden";

    private final Map<String, Long> inodes = new ConcurrentHashMap<>();

    static boolean couldBe(String name) {
        return name.startsWith(PREFIX);
    }

    void add(String name, long ino) {
        inodes.put(name, ino);
    }

    boolean contains(String name) {
        return couldBe(name) && inodes.containsKey(name);
    }

    /** Only of a name that is contained: 0 otherwise, which is no inode's number. */
    long inode(String name) {
        return inodes.getOrDefault(name, 0L);
    }

    /** Returns whether it was there. */
    boolean remove(String name) {
        return couldBe(name) && inodes.remove(name) != null;
    }
}
