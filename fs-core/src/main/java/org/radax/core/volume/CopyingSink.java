package org.radax.core.volume;

import org.radax.core.os.RawMemory;

/** A sink that copies what it is given to private memory. */
final class CopyingSink implements ReadSink {
    private long target;

    CopyingSink(long targetAddress) {
        this.target = targetAddress;
    }

    @Override
    public void segment(long address, long lengthBytes) {
        RawMemory.copy(address, target, lengthBytes);
        target += lengthBytes;
    }

    @Override
    public void complete() {
        // Each piece was copied as it came.
    }
}
