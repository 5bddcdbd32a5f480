package org.radax.core.crash;

import java.util.Arrays;

/** Contents of 64-byte lines by line number: open addressing, eight words a line. Not thread-safe; nothing removed. */
final class LineMap {
    static final int LINE_WORDS = 8;
    private static final long FREE = -1;

    /** Receives one line; {@code words[start, start + 8)} is its content and must not be changed. */
    interface LineVisitor {
        void line(long lineNo, long[] words, int start);
    }

    private long[] keys;
    private long[] words;
    private int count;

    LineMap() {
        keys = new long[16];
        Arrays.fill(keys, FREE);
        words = new long[16 * LINE_WORDS];
    }

    private LineMap(LineMap other) {
        keys = other.keys.clone();
        words = other.words.clone();
        count = other.count;
    }

    LineMap copy() {
        return new LineMap(this);
    }

    int size() {
        return count;
    }

    void clear() {
        Arrays.fill(keys, FREE);
        count = 0;
    }

    void put(long lineNo, long[] content, int start) {
        if (count * 2 >= keys.length) {
            grow();
        }
        int slot = slotOf(lineNo);
        if (keys[slot] == FREE) {
            keys[slot] = lineNo;
            count++;
        }
        System.arraycopy(content, start, words, slot * LINE_WORDS, LINE_WORDS);
    }

    /** Copies the line's content to {@code target}; false if it is not here. */
    boolean get(long lineNo, long[] target) {
        int slot = slotOf(lineNo);
        if (keys[slot] == FREE) {
            return false;
        }
        System.arraycopy(words, slot * LINE_WORDS, target, 0, LINE_WORDS);
        return true;
    }

    void forEach(LineVisitor visitor) {
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != FREE) {
                visitor.line(keys[slot], words, slot * LINE_WORDS);
            }
        }
    }

    void putAll(LineMap other) {
        other.forEach(this::put);
    }

    private int slotOf(long lineNo) {
        int mask = keys.length - 1;
        int slot = (int) (LineHash.mix(lineNo) & mask);
        while (keys[slot] != FREE && keys[slot] != lineNo) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldWords = words;
        keys = new long[oldKeys.length * 2];
        Arrays.fill(keys, FREE);
        words = new long[oldWords.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int slot = slotOf(oldKeys[i]);
                keys[slot] = oldKeys[i];
                System.arraycopy(oldWords, i * LINE_WORDS, words, slot * LINE_WORDS, LINE_WORDS);
            }
        }
    }
}
