package org.radax.core.crash;

/**
 * Hash of a pool image as the sum of its lines' hashes: changing one line changes the sum by a difference, so telling
 * images apart never reads the whole pool.
 */
final class LineHash {
    private LineHash() {}

    static long of(long lineNo, long[] words, int start) {
        long hash = mix(lineNo + 1);
        for (int i = 0; i < LineMap.LINE_WORDS; i++) {
            hash = mix(hash ^ words[start + i]);
        }
        return hash;
    }

    /** SplitMix64's finaliser. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
