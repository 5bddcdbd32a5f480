package org.radax.core.format;

/** The key of a name in its directory: docs/FORMAT.md, "Directory bucket". Stateless but for its seed; a test may have a weaker one. */
public class DirectoryHash {
    /** Keys that differ in these low bits only hold the names that fell on each other. */
    public static final int PROBE_MASK = 63;

    private final long k0;
    private final long k1;

    public DirectoryHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    /** The first key a name tries: 64 to 2^63-1. */
    public long keyOf(byte[] name, int length) {
        long key = sipHash(name, length) >>> 1;
        return key < 64 ? key + 64 : key;
    }

    /** The {@code attempt}-th key (0 to 63) of a name whose first one is {@code key}. */
    public static long probe(long key, int attempt) {
        return (key & ~(long) PROBE_MASK) | ((key + attempt) & PROBE_MASK);
    }

    /** SipHash-2-4 (Aumasson and Bernstein, 2012). */
    private long sipHash(byte[] data, int length) {
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        int whole = length & ~7;
        for (int i = 0; i <= whole; i += 8) {
            long word = 0;
            if (i < whole) {
                for (int b = 7; b >= 0; b--) {
                    word = word << 8 | (data[i + b] & 0xff);
                }
            } else {
                for (int b = length - 1; b >= whole; b--) {
                    word = word << 8 | (data[b] & 0xff);
                }
                word |= (long) length << 56;
            }
            v3 ^= word;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
        }
        v2 ^= 0xff;
        for (int round = 0; round < 4; round++) {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
