package org.radax.core.crash;

import java.util.Arrays;

/**
 * The pending stores of one line, word by word, oldest first. Its arrays are only appended to or replaced, so a
 * {@link PendingLine} may share them.
 */
final class LineLog {
    private final long lineNo;
    private final long[] durable;
    private final long[] current;
    private byte[] wordIndexes = new byte[LineMap.LINE_WORDS];
    private long[] values = new long[LineMap.LINE_WORDS];
    private long[] times = new long[LineMap.LINE_WORDS];
    private int count;
    /** Stores of this line that are durable or void, since its log began. */
    private long settled;

    LineLog(long lineNo, long[] durable) {
        this.lineNo = lineNo;
        this.durable = durable.clone();
        this.current = durable.clone();
    }

    long lineNo() {
        return lineNo;
    }

    /** The word as the CPU sees it. */
    long current(int wordIndex) {
        return current[wordIndex];
    }

    /** @param time of the store, later than those before */
    void append(int wordIndex, long value, long time) {
        if (count == values.length) {
            wordIndexes = Arrays.copyOf(wordIndexes, count * 2);
            values = Arrays.copyOf(values, count * 2);
            times = Arrays.copyOf(times, count * 2);
        }
        wordIndexes[count] = (byte) wordIndex;
        values[count] = value;
        times[count] = time;
        current[wordIndex] = value;
        count++;
    }

    /** How many stores this line has seen since its log began: what a write-back of now covers. */
    long storesSeen() {
        return settled + count;
    }

    /**
     * The first {@code stores} stores become durable, later ones stay pending.
     *
     * @return whether that changed anything: another thread's fence may have been first
     */
    boolean fence(long stores) {
        int covered = (int) Math.max(0, stores - settled);
        if (covered == 0) {
            return false;
        }
        for (int i = 0; i < covered; i++) {
            durable[wordIndexes[i]] = values[i];
        }
        wordIndexes = Arrays.copyOfRange(wordIndexes, covered, Math.max(count, covered + 1));
        values = Arrays.copyOfRange(values, covered, Math.max(count, covered + 1));
        times = Arrays.copyOfRange(times, covered, Math.max(count, covered + 1));
        count -= covered;
        settled += covered;
        return true;
    }

    /** The line was taken away: no fence makes anything of it durable any more. */
    void discard() {
        settled = Long.MAX_VALUE;
        count = 0;
    }

    boolean isDurable() {
        return count == 0;
    }

    long[] durable() {
        return durable;
    }

    PendingLine snapshot() {
        return new PendingLine(lineNo, durable.clone(), wordIndexes, values, times, count);
    }
}
