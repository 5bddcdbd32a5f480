package org.radax.core.pool;

/** Reads of pool words: straight from the pool, or through a transaction that sees its own staged stores. */
public interface WordReader {
    /** The aligned 8-byte word at a pool offset. */
    long getLong(long poolOffset);

    /** The aligned 4 bytes at a pool offset. */
    int getInt(long poolOffset);

    /** Copies a range, both ends multiples of 8, into an array. */
    void copyOut(long poolOffset, byte[] target, int start, int lengthBytes);
}
