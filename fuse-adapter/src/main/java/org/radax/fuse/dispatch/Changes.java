package org.radax.fuse.dispatch;

import java.util.function.BooleanSupplier;
import org.radax.core.error.FsException;
import org.radax.core.volume.FileSystem;

/** Requests that change something, and wait while the volume is frozen. Thread-safe. */
public final class Changes {
    private final FileSystem fileSystem;
    private volatile Runnable standIn = () -> {};

    public Changes(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    /** {@code standIn} is called by a thread that is about to wait, for another to serve in its place. */
    public void whenWaiting(Runnable standIn) {
        this.standIn = standIn;
    }

    /**
     * Begins one; {@link #end} ends it.
     *
     * @param cancelled whether it need not begin any more
     * @throws FsException EINTR if so
     */
    public void begin(BooleanSupplier cancelled) throws FsException {
        if (!fileSystem.startChange()) {
            standIn.run();
            fileSystem.awaitChange(cancelled);
        }
    }

    public void end() {
        fileSystem.endChange();
    }
}
