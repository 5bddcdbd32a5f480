package org.radax.fuse.session;

import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.FileLayouts.WriteIn;
import org.radax.fuse.wire.Headers;

/**
 * Where a thread reads requests into. It starts so far before a page boundary that the payload of a WRITE begins on
 * one: a page-aligned copy is the fast one.
 */
final class ReceiveBuffer implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int WRITE_PREFIX = Headers.In.SIZE + WriteIn.SIZE;

    private final long memory;
    private final long address;
    private final long capacity;

    ReceiveBuffer(int maxWriteBytes) {
        capacity = (long) maxWriteBytes + PAGE;
        memory = RawMemory.allocate(capacity + 2 * PAGE);
        long firstPage = (memory + PAGE - 1) & -PAGE;
        address = firstPage + PAGE - WRITE_PREFIX;
    }

    long address() {
        return address;
    }

    long capacity() {
        return capacity;
    }

    @Override
    public void close() {
        RawMemory.free(memory);
    }
}
