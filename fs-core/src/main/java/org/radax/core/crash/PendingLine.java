package org.radax.core.crash;

import java.util.Arrays;
import org.radax.core.unit.Units;

/**
 * A line whose last stores were not durable at a crash point. State {@code 0} is its durable content, state {@code n}
 * that content after its first {@code n} pending words. Immutable.
 */
public final class PendingLine {
    private final long lineNo;
    private final long[] durable;
    private final byte[] wordIndexes;
    private final long[] values;
    private final long[] times;
    private final int count;

    PendingLine(long lineNo, long[] durable, byte[] wordIndexes, long[] values, long[] times, int count) {
        this.lineNo = lineNo;
        this.durable = durable;
        this.wordIndexes = wordIndexes;
        this.values = values;
        this.times = times;
        this.count = count;
    }

    long lineNo() {
        return lineNo;
    }

    /** Where the line starts in the pool, in bytes. */
    public long poolOffset() {
        return lineNo * Units.LINE_BYTES;
    }

    /** The number of legal states: pending words + 1. */
    public int states() {
        return count + 1;
    }

    /** When each pending word was stored, ascending. */
    long[] times() {
        return Arrays.copyOf(times, count);
    }

    /** The state that shows what was stored at a time or before. */
    int stateAt(long time) {
        int found = Arrays.binarySearch(times, 0, count, time);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** Fills {@code target} with the line's content in a state. */
    void content(int state, long[] target) {
        System.arraycopy(durable, 0, target, 0, LineMap.LINE_WORDS);
        for (int i = 0; i < state; i++) {
            target[wordIndexes[i]] = values[i];
        }
    }

    @Override
    public String toString() {
        return "line at " + poolOffset() + " (" + states() + " states)";
    }
}
