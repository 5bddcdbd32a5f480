package org.radax.fuse.jnr;

import org.radax.core.os.RawMemory;
import org.radax.core.volume.ReadSink;

/** Copies what is read to where libfuse wants it. */
final class CopyOut implements ReadSink {
    private final long start;
    private long target;

    CopyOut(long target) {
        this.start = target;
        this.target = target;
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

    int copiedBytes() {
        return (int) (target - start);
    }
}
