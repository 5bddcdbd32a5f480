package org.radax.bench;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How many of the pages are dirty. */
@State(Scope.Benchmark)
public class DirtyShare {
    @Param({"1", "100"})
    public double dirtyPercent;

    public int of(int pages) {
        return of(dirtyPercent, pages);
    }

    /** At least one. */
    static int of(double percent, int pages) {
        return (int) Math.max(1, Math.round(pages * percent / 100));
    }
}
