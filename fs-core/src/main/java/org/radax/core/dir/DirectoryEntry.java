package org.radax.core.dir;

/** An entry a look-up found. Reused; not thread-safe. */
public final class DirectoryEntry {
    long ino;
    int type;
    long key;
    long bucketBlock;
    long recordOffset;

    public long ino() {
        return ino;
    }

    /** {@code st_mode >> 12}. */
    public int type() {
        return type;
    }
}
