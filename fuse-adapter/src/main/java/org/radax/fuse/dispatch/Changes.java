package org.radax.fuse.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.radax.core.error.FsException;
import org.radax.core.volume.ChangeWait;
import org.radax.core.volume.FileSystem;

/** Requests that change something, and wait while the volume is frozen. Thread-safe. */
public final class Changes {
    private final FileSystem fileSystem;

    /** By the number of the request that waits. */
    private final Map<Long, ChangeWait> waits = new ConcurrentHashMap<>();

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
     * @throws FsException EINTR if the request was interrupted
     */
    public void begin(long unique) throws FsException {
        if (fileSystem.startChange()) {
            return;
        }
        ChangeWait wait = new ChangeWait();
        waits.put(unique, wait);
        try {
            standIn.run();
            fileSystem.awaitChange(wait);
        } finally {
            waits.remove(unique);
        }
    }

    public void end() {
        fileSystem.endChange();
    }

    /** Ends the wait of a request, if it waits. */
    public void interrupt(long unique) {
        ChangeWait wait = waits.get(unique);
        if (wait != null) {
            fileSystem.cancelChange(wait);
        }
    }
}
