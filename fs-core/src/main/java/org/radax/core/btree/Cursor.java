package org.radax.core.btree;

/** The record a look-up found. Reused; not thread-safe. */
public final class Cursor {
    long key;
    long value;

    public long key() {
        return key;
    }

    public long value() {
        return value;
    }
}
