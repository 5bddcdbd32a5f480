package org.radax.core.volume;

import java.util.Arrays;
import org.radax.core.dax.MappingClient;
import org.radax.core.error.FsException;

/** Runs of pages that were written back; of one thread. */
final class WrittenRuns {
    private final boolean isWanted;
    private long[] bounds = new long[0];
    private int used;

    /** {@code isWanted}: else it stays empty. */
    WrittenRuns(boolean isWanted) {
        this.isWanted = isWanted;
    }

    void add(long start, long end) {
        if (!isWanted) {
            return;
        }
        if (used > 0 && bounds[used - 1] == start) {
            bounds[used - 1] = end;
            return;
        }
        if (used == bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(16, 2 * used));
        }
        bounds[used++] = start;
        bounds[used++] = end;
    }

    boolean isEmpty() {
        return used == 0;
    }

    void visit(MappingClient.PageVisitor visitor) throws FsException {
        for (int i = 0; i < used; i += 2) {
            visitor.pages(bounds[i], bounds[i + 1]);
        }
    }
}
