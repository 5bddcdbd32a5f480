package org.radax.it.model;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** An inode. Plain data. */
final class ModelNode {
    enum Type {
        FILE,
        DIRECTORY,
        SYMLINK,
        FIFO
    }

    final Type type;
    final Map<String, ModelNode> entries = new TreeMap<>();
    final Map<String, byte[]> attributes = new TreeMap<>();
    /** Of symbolic links it is not kept: whoever walks through one reads it. */
    final ModelTime atime = new ModelTime();

    final ModelTime mtime = new ModelTime();
    final ModelTime ctime = new ModelTime();
    int mode;
    int uid;
    int gid;
    int links;
    byte[] content = new byte[0];
    String target;
    /** A directory's parent; null for the root and for what was removed. */
    ModelNode parent;

    /** As the filesystem numbers it; learned at the first look, then it must stay. */
    long ino;

    /** Birth time, likewise; 0 until seen. */
    long birthNanos;

    ModelNode(Type type, int mode) {
        this.type = type;
        this.mode = mode;
        this.links = type == Type.DIRECTORY ? 2 : 1;
    }

    boolean isDirectory() {
        return type == Type.DIRECTORY;
    }

    void resize(long size) {
        content = Arrays.copyOf(content, Math.toIntExact(size));
    }

    void write(long offset, byte[] data) {
        if (offset + data.length > content.length) {
            resize(offset + data.length);
        }
        System.arraycopy(data, 0, content, (int) offset, data.length);
    }

    void zero(long start, long end) {
        if (start < content.length) {
            Arrays.fill(content, (int) start, (int) Math.min(end, content.length), (byte) 0);
        }
    }
}
