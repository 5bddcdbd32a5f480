package org.radax.core.crash;

import java.util.List;

/** A moment at which power may fail: right before a fence, at the end, or on demand. Immutable. */
public final class CrashPoint {
    /** What the point lies before or at. */
    public enum Moment {
        /** Right before a fence. */
        FENCE,
        /** At a mark: what came before has returned, what it names has not begun. */
        MARK,
        /** At the end of a step, or of the trace. */
        END,
        /** On demand, possibly amid operations. */
        SNAPSHOT
    }

    private final int number;
    private final Moment moment;
    private final int phase;
    private final String label;
    private final LineMap madeDurable;
    private final List<PendingLine> pending;
    private final int unitBytes;

    /**
     * @param madeDurable lines that became durable since the previous point of the trace
     * @param unitBytes what reaches the medium by itself
     */
    CrashPoint(
            int number,
            Moment moment,
            int phase,
            String label,
            LineMap madeDurable,
            List<PendingLine> pending,
            int unitBytes) {
        this.number = number;
        this.moment = moment;
        this.phase = phase;
        this.label = label;
        this.madeDurable = madeDurable;
        this.pending = pending;
        this.unitBytes = unitBytes;
    }

    /** Its place in the trace, from 0. */
    public int number() {
        return number;
    }

    public Moment moment() {
        return moment;
    }

    /** How many {@link CrashRecorder#mark marks} and ends of steps lie before it: what an oracle may expect depends on it. */
    public int phase() {
        return phase;
    }

    /** The last mark, and what comes next: {@code rename: fence 3}. */
    public String label() {
        return label;
    }

    /** The lines that are not durable, by ascending pool offset. */
    public List<PendingLine> pending() {
        return pending;
    }

    /** What reaches the medium by itself, by ascending pool offset: the lines, or the pages they are in. */
    public List<PendingUnit> units() {
        return PendingUnit.of(pending, unitBytes);
    }

    /** The number of legal images: the product of the units' states, at most {@code Long.MAX_VALUE}. */
    public long imageCount() {
        long product = 1;
        for (PendingUnit unit : units()) {
            if (product > Long.MAX_VALUE / unit.states()) {
                return Long.MAX_VALUE;
            }
            product *= unit.states();
        }
        return product;
    }

    LineMap madeDurable() {
        return madeDurable;
    }

    @Override
    public String toString() {
        return "crash point " + number + " (" + label + "), " + pending.size() + " pending lines";
    }
}
