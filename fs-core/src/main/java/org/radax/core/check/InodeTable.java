package org.radax.core.check;

import java.util.Arrays;

/** What links are checked with: a few words per inode in use, by ascending inode number. */
final class InodeTable {
    static final int ROOT_INO = 1;
    static final int S_IFMT = 0170000;
    static final int S_IFDIR = 0040000;
    static final int S_IFREG = 0100000;
    static final int S_IFLNK = 0120000;

    private long[] inos = new long[64];
    private int[] modes = new int[64];
    private int[] linkCounts = new int[64];
    private long[] parents = new long[64];
    private int[] names = new int[64];
    private long[] namedBy = new long[64];
    private long[] namedAt = new long[64];
    private byte[] orphan = new byte[64];
    private int count;

    int size() {
        return count;
    }

    /** Adds an inode; mode 0 if it can not be read. Numbers ascend. */
    int add(long ino, int mode, int linkCount, long parent) {
        if (count == inos.length) {
            int capacity = count * 2;
            inos = Arrays.copyOf(inos, capacity);
            modes = Arrays.copyOf(modes, capacity);
            linkCounts = Arrays.copyOf(linkCounts, capacity);
            parents = Arrays.copyOf(parents, capacity);
            names = Arrays.copyOf(names, capacity);
            namedBy = Arrays.copyOf(namedBy, capacity);
            namedAt = Arrays.copyOf(namedAt, capacity);
            orphan = Arrays.copyOf(orphan, capacity);
        }
        inos[count] = ino;
        modes[count] = mode;
        linkCounts[count] = linkCount;
        parents[count] = parent;
        return count++;
    }

    /** The index of an inode, negative if it is not in use. */
    int find(long ino) {
        return Arrays.binarySearch(inos, 0, count, ino);
    }

    long ino(int index) {
        return inos[index];
    }

    int mode(int index) {
        return modes[index];
    }

    boolean isDamaged(int index) {
        return modes[index] == 0;
    }

    boolean isDirectory(int index) {
        return (modes[index] & S_IFMT) == S_IFDIR;
    }

    int linkCount(int index) {
        return linkCounts[index];
    }

    long parent(int index) {
        return parents[index];
    }

    /** Names found of a file; subdirectories found in a directory. */
    int names(int index) {
        return names[index];
    }

    void addName(int index) {
        names[index]++;
    }

    /** The directory that holds a directory's entry; 0 for none. */
    long namedBy(int index) {
        return namedBy[index];
    }

    /** Pool offset of that entry. */
    long namedAt(int index) {
        return namedAt[index];
    }

    void name(int index, long directory, long entryOffset) {
        namedBy[index] = directory;
        namedAt[index] = entryOffset;
    }

    /** The orphan tree's value for it; 0: not there. */
    int orphan(int index) {
        return orphan[index];
    }

    void orphan(int index, int value) {
        orphan[index] = (byte) value;
    }
}
