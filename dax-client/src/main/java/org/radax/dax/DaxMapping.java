package org.radax.dax;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import net.openhft.chronicle.bytes.PointerBytesStore;
import org.radax.dax.DaxException.Reason;

/**
 * A range of a file at a range of addresses: loads and stores go straight to the pool. What was stored is durable when
 * {@link #force} returns, and not before; unmapping does not force.
 *
 * <p>After {@link #close}, and when the file was truncated below them or the server is gone, an access to these addresses
 * is an {@link InternalError}. A store while {@link #close} runs ends the JVM. Thread-safe as memory is.
 */
public final class DaxMapping implements AutoCloseable {
    private final DaxFile file;
    private final long mappedAddress;
    private final long mappedBytes;
    private final long address;
    private final long fileOffset;
    private final long length;
    private final AtomicBoolean closed = new AtomicBoolean();

    DaxMapping(DaxFile file, long mappedAddress, long mappedBytes, long address, long fileOffset, long length) {
        this.file = file;
        this.mappedAddress = mappedAddress;
        this.mappedBytes = mappedBytes;
        this.address = address;
        this.fileOffset = fileOffset;
        this.length = length;
    }

    /** Of the first byte. */
    public long address() {
        return address;
    }

    /** In bytes. */
    public long length() {
        return length;
    }

    /** A part of it, in the machine's byte order; read-only if the file was opened for reading. */
    public ByteBuffer buffer(long offset, int size) throws IOException {
        requireOpen();
        Objects.checkFromIndexSize(offset, size, length);
        ByteBuffer buffer = MemoryIO.getInstance().newDirectByteBuffer(address + offset, size);
        return (file.isWritable() ? buffer : buffer.asReadOnlyBuffer()).order(ByteOrder.nativeOrder());
    }

    /**
     * A part of it as Chronicle Bytes, of any length. It checks no bounds: outside of the part there is memory that is
     * none of its business.
     *
     * @throws IllegalStateException if the file was opened for reading: a store would end the JVM; use {@link #buffer}
     */
    public PointerBytesStore bytes(long offset, long size) throws IOException {
        requireOpen();
        Objects.checkFromIndexSize(offset, size, length);
        if (!file.isWritable()) {
            throw new IllegalStateException(file + ": open for reading; a buffer can be had");
        }
        PointerBytesStore store = new PointerBytesStore();
        store.set(address + offset, size);
        return store;
    }

    /** Makes durable what was stored in a range, by whomever, and what the file needs to show it (msync(2)). */
    public void force(long offset, long size) throws IOException {
        requireOpen();
        Objects.checkFromIndexSize(offset, size, length);
        file.sync(fileOffset + offset, size);
    }

    /** All of the mapping. */
    public void force() throws IOException {
        force(0, length);
    }

    /**
     * Unmaps it. Idempotent. Stores must have ended before: until it returns the pages are read-only, so that none goes
     * unseen, and a store to such a page is SIGSEGV, which no JVM survives.
     */
    @Override
    public void close() throws IOException {
        if (!closed.getAndSet(true)) {
            file.unmap(mappedAddress, mappedBytes);
        }
    }

    private void requireOpen() throws DaxException {
        if (closed.get()) {
            throw new DaxException(Reason.GONE, file + ": unmapped");
        }
    }
}
