package org.radax.core.volume;

import org.radax.core.os.RawMemory;

/** A sink that copies what it is given to memory of the caller's. */
public final class CopyingSink implements ReadSink {
    private final long start;
    private long target;

    public CopyingSink(long targetAddress) {
        this.start = targetAddress;
        this.target = targetAddress;
    }

    @Override
    public void segment(long address, long lengthBytes) {
        RawMemory.copy(address, target, lengthBytes);
        target += lengthBytes;
    }

    @Override
    public void complete() {
        // A page of the pool that is gone was not copied: nothing may go out in its place.
        RawMemory.raisePendingError();
    }

    public long copiedBytes() {
        return target - start;
    }
}
