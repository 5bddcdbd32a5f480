package org.radax.core.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.radax.core.unit.Units;

/**
 * What reaches the medium by itself: a line, or a page, all lines of which show one moment. State {@code 0} is its
 * durable content, state {@code n} that content after its first {@code n} pending words. Immutable.
 */
public final class PendingUnit {
    private final long poolOffset;
    private final List<PendingLine> lines;
    /** When each pending word was stored, ascending; null for a single line, whose states are the unit's. */
    private final long[] times;

    private PendingUnit(long poolOffset, List<PendingLine> lines) {
        this.poolOffset = poolOffset;
        this.lines = lines;
        this.times = lines.size() == 1 ? null : timesOf(lines);
    }

    /** The units that lines, by ascending pool offset, belong to. */
    static List<PendingUnit> of(List<PendingLine> lines, int unitBytes) {
        List<PendingUnit> units = new ArrayList<>();
        int start = 0;
        for (int end = 1; end <= lines.size(); end++) {
            long unitOffset = Units.alignDown(lines.get(start).poolOffset(), unitBytes);
            if (end == lines.size() || lines.get(end).poolOffset() >= unitOffset + unitBytes) {
                units.add(new PendingUnit(unitOffset, lines.subList(start, end)));
                start = end;
            }
        }
        return units;
    }

    private static long[] timesOf(List<PendingLine> lines) {
        return lines.stream()
                .flatMapToLong(line -> Arrays.stream(line.times()))
                .sorted()
                .toArray();
    }

    /** Where the unit starts in the pool, in bytes. */
    public long poolOffset() {
        return poolOffset;
    }

    /** Its lines that are not durable, by ascending pool offset. */
    public List<PendingLine> lines() {
        return lines;
    }

    /** The number of legal states: pending words + 1. */
    public int states() {
        return times == null ? lines.get(0).states() : times.length + 1;
    }

    /** Fills {@code target} with the state that each of its lines has in a state of the unit. */
    void lineStates(int state, int[] target, int start) {
        for (int i = 0; i < lines.size(); i++) {
            target[start + i] =
                    times == null ? state : state == 0 ? 0 : lines.get(i).stateAt(times[state - 1]);
        }
    }
}
