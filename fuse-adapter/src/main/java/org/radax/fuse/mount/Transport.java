package org.radax.fuse.mount;

import java.util.Optional;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.dispatch.Latencies;
import org.radax.fuse.dispatch.Notices;

/** A way for the kernel to reach a filesystem. One object is one mount. */
interface Transport {
    /** Mounts and serves; returns when the kernel was answered. Nothing stays mounted on failure. */
    void mount(FileSystem fileSystem, MountOptions options) throws MountException;

    /** Ends a session whose mount is detached but in use; {@code rootFd} is its root directory, open. */
    void end(int rootFd);

    /** Waits until the kernel let go and all threads ended. */
    boolean awaitEnd(long timeoutMillis) throws InterruptedException;

    boolean hasEnded();

    /** Where to announce changes the kernel did not ask for, if the transport can. */
    Optional<Notices> notices();

    /** How long requests took, if the transport knows. */
    Optional<Latencies> latencies();

    SessionInfo info();

    /**
     * A thread that waits for a request notices with the next one that it is to end. Once the last thread has gone, the
     * device is closed, and whatever still waits for an answer gets ENOTCONN.
     */
    default void wake(int rootFd, int threads) {
        long buffer = RawMemory.allocate(MountPoints.STATFS_SIZE);
        try {
            for (int i = 0; i < threads; i++) {
                LibC.INSTANCE.fstatfs(rootFd, buffer);
            }
        } finally {
            RawMemory.free(buffer);
        }
    }
}
