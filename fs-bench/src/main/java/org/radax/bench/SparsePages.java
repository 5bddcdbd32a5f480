package org.radax.bench;

import java.util.Arrays;
import java.util.Random;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A file of 1 TiB with few dirty pages, each somewhere. */
@State(Scope.Thread)
public class SparsePages {
    public static final int DIRTY = 1_000;

    /** With the dirty ones. */
    @Param({"1000", "1000000"})
    public int tracked;

    private long[] pages;

    @Setup(Level.Trial)
    public void choose() {
        pages = Pages.runs(new Random(1), tracked, 1, Pages.FILE_PAGES);
    }

    public long[] tracked() {
        return pages.clone();
    }

    public long[] dirty() {
        return Arrays.copyOf(pages, DIRTY);
    }

    /** @throws AssertionError unless all dirty pages were found */
    public static int expectAll(int found) {
        if (found != DIRTY) {
            throw new AssertionError(found + " of " + DIRTY + " dirty pages found");
        }
        return found;
    }
}
