package org.radax.core.crash;

import java.util.List;

/** The crash points of one recording, in order, and the pool they start from. Dead once its recorder is closed. */
public final class CrashTrace {
    private final ImageBase base;
    private final LineMap initial;
    private final List<CrashPoint> points;

    /** @param initial durable lines at the start that differ from {@code base} */
    CrashTrace(ImageBase base, LineMap initial, List<CrashPoint> points) {
        this.base = base;
        this.initial = initial;
        this.points = List.copyOf(points);
    }

    public List<CrashPoint> points() {
        return points;
    }

    public long poolSizeBytes() {
        return base.sizeBytes();
    }

    ImageBase base() {
        return base;
    }

    LineMap initial() {
        return initial;
    }
}
