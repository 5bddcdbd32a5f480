package org.radax.core.volume;

/** Receives the pool memory behind a read, while its range is pinned. */
public interface ReadSink {
    /** One contiguous piece, in file order; readable until {@link #complete} returns. */
    void segment(long address, long lengthBytes);

    /** All pieces were given. The sink must have consumed them when this returns. */
    void complete();
}
