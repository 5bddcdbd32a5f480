package org.radax.dax;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.radax.core.lease.LeaseProtocol.Request;
import org.radax.core.os.LibC;
import org.radax.core.unit.Units;
import org.radax.dax.DaxException.Reason;

/**
 * A file of a Radax mount in DAX mode, open for mapping. Its mappings go on after it is closed, and keep it open for the
 * kernel: the mount is busy until the last of them is closed. Thread-safe.
 *
 * <p>The JVM needs {@code --add-exports java.base/jdk.internal.misc=ALL-UNNAMED --add-opens
 * java.base/jdk.internal.misc=ALL-UNNAMED -Djnr.ffi.x86asm.enabled=false}.
 */
public final class DaxFile implements AutoCloseable {
    private static final int ENOENT = 2;

    private final Path path;
    private final int descriptor;
    private final boolean writable;
    private final Attachment attachment;
    private final long lease;

    /** This object while it is open, and each mapping. */
    @GuardedBy("this")
    private int users = 1;

    @GuardedBy("this")
    private boolean closed;

    /** Of an open lease; the descriptor is its own from now on. */
    DaxFile(Path path, int descriptor, boolean writable, Attachment attachment, long lease) {
        this.path = path;
        this.descriptor = descriptor;
        this.writable = writable;
        this.attachment = attachment;
        this.lease = lease;
    }

    /** Opens a file to map it for loads. */
    public static DaxFile openForReading(Path path) throws IOException {
        return open(path, false);
    }

    /** Opens a file, which is there, to map it for loads and stores. */
    public static DaxFile openForWriting(Path path) throws IOException {
        return open(path, true);
    }

    private static DaxFile open(Path path, boolean writable) throws IOException {
        int flags = (writable ? LibC.O_RDWR : LibC.O_RDONLY) | LibC.O_CLOEXEC;
        int descriptor = LibC.INSTANCE.open(path.toString(), flags, 0);
        if (descriptor < 0) {
            if (LibC.errno() == ENOENT) {
                throw new NoSuchFileException(path.toString());
            }
            throw new IOException(path + ": " + LibC.lastError());
        }
        boolean done = false;
        try {
            Grant grant = Grant.ask(path, descriptor);
            Attachment attachment = Attachment.to(grant);
            long lease = attachment.open(grant, writable);
            done = true;
            return new DaxFile(path, descriptor, writable, attachment, lease);
        } finally {
            if (!done) {
                LibC.INSTANCE.close(descriptor);
            }
        }
    }

    public boolean isWritable() {
        return writable;
    }

    /**
     * Maps a range, as one range of addresses; for stores if the file was opened for writing. Of what lies beyond the end
     * of the file an access is an {@link InternalError}, until the file has grown. A hole costs nothing until it is
     * stored to, and then takes at most 2 MiB.
     *
     * @param offset in bytes, any
     * @param length in bytes, above 0
     */
    public synchronized DaxMapping map(long offset, long length) throws IOException {
        if (closed) {
            throw new DaxException(Reason.GONE, path + ": closed");
        }
        if (offset < 0 || length <= 0 || offset > Units.MAX_FILE_BYTES - length) {
            throw new IllegalArgumentException(path + ": " + length + " bytes from " + offset);
        }
        long first = Units.alignDown(offset, Units.BLOCK_BYTES);
        long bytes = Units.alignUp(offset + length, Units.BLOCK_BYTES) - first;
        long address = attachment.takeAddresses(first, bytes);
        boolean done = false;
        try {
            attachment.request(Request.MAP, lease, first, bytes, address, writable ? 1 : 0);
            done = true;
        } finally {
            if (!done) {
                // Some of it may be shown already; an order that is on its way comes before those for the next mapping.
                attachment.bury(address, bytes);
            }
        }
        users++;
        return new DaxMapping(this, address, bytes, address + (offset - first), offset, length);
    }

    /** The mapping's pages are stored to no more. */
    void unmap(long address, long bytes) throws DaxException {
        try {
            // From here on nothing is stored unseen: the server asks what was, and takes it away.
            attachment.protect(address, bytes);
            attachment.request(Request.UNMAP, lease, address);
        } catch (DaxException e) {
            // With the server its mappings went.
            if (e.reason() != Reason.GONE) {
                throw e;
            }
        } finally {
            attachment.bury(address, bytes);
            release();
        }
    }

    void sync(long offset, long length) throws DaxException {
        attachment.request(Request.SYNC, lease, offset, length);
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        release();
    }

    private void release() throws DaxException {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        try {
            attachment.request(Request.CLOSE, lease);
        } catch (DaxException e) {
            if (e.reason() != Reason.GONE) {
                throw e;
            }
        } finally {
            LibC.INSTANCE.close(descriptor);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
