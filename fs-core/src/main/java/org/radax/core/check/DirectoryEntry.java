package org.radax.core.check;

import java.nio.charset.StandardCharsets;

/** A name in a directory. */
final class DirectoryEntry {
    private final long poolOffset;
    private final long key;
    private final long ino;
    private final int type;
    private final byte[] name;

    /**
     * An entry.
     *
     * @param poolOffset where its record lies; 0 for one that is to be written
     * @param type {@code st_mode >> 12}
     * @param name not copied
     */
    DirectoryEntry(long poolOffset, long key, long ino, int type, byte[] name) {
        this.poolOffset = poolOffset;
        this.key = key;
        this.ino = ino;
        this.type = type;
        this.name = name;
    }

    long poolOffset() {
        return poolOffset;
    }

    long key() {
        return key;
    }

    long ino() {
        return ino;
    }

    int type() {
        return type;
    }

    byte[] name() {
        return name;
    }

    /** The name for a person. */
    String text() {
        return new String(name, StandardCharsets.UTF_8);
    }
}
