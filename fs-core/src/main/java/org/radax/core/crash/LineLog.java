package org.radax.core.crash;

import java.util.Arrays;

/**
 * The pending stores of one line, word by word, oldest first. Its arrays are only appended to or replaced, so a
 * {@link PendingLine} may share them.
 */
final class LineLog {
    private static final int NOT_WRITTEN_BACK = 0;

    private final long lineNo;
    private final long[] durable;
    private final long[] current;
    private byte[] wordIndexes = new byte[LineMap.LINE_WORDS];
    private long[] values = new long[LineMap.LINE_WORDS];
    private int count;
    private int writtenBack = NOT_WRITTEN_BACK;

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

    void append(int wordIndex, long value) {
        if (count == values.length) {
            wordIndexes = Arrays.copyOf(wordIndexes, count * 2);
            values = Arrays.copyOf(values, count * 2);
        }
        wordIndexes[count] = (byte) wordIndex;
        values[count] = value;
        current[wordIndex] = value;
        count++;
    }

    /** Notes a write-back of the line's content of now; true if it is the first since the last fence. */
    boolean writeBack() {
        boolean first = writtenBack == NOT_WRITTEN_BACK;
        writtenBack = count;
        return first;
    }

    /** What was written back becomes durable, what was stored later stays pending. */
    void fence() {
        for (int i = 0; i < writtenBack; i++) {
            durable[wordIndexes[i]] = values[i];
        }
        wordIndexes = Arrays.copyOfRange(wordIndexes, writtenBack, Math.max(count, writtenBack + 1));
        values = Arrays.copyOfRange(values, writtenBack, Math.max(count, writtenBack + 1));
        count -= writtenBack;
        writtenBack = NOT_WRITTEN_BACK;
    }

    boolean isDurable() {
        return count == 0;
    }

    long[] durable() {
        return durable;
    }

    PendingLine snapshot() {
        return new PendingLine(lineNo, durable.clone(), wordIndexes, values, count);
    }
}
