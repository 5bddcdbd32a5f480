package org.radax.bench;

import org.radax.core.dax.FaultBlocks;

/** A file whose page n lies in pool block n. */
final class WholeFile implements FaultBlocks {
    @Override
    public long find(long page) {
        return page;
    }

    @Override
    public long findHuge(long page) {
        return NOT_HUGE;
    }

    @Override
    public long fill(long page) {
        throw new AssertionError("there are no holes");
    }
}
