package org.radax.fuse.mount;

import org.radax.core.volume.FileSystem;

/** A way for the kernel to reach a filesystem. One object is one mount. */
interface Transport {
    /** Mounts and serves; returns when the kernel was answered. Nothing stays mounted on failure. */
    void mount(FileSystem fileSystem, MountOptions options) throws MountException;

    /** Ends a session whose mount is detached but in use; {@code rootFd} is its root directory, open. */
    void end(int rootFd);

    /** Waits until the kernel let go and all threads ended. */
    void awaitEnd() throws InterruptedException;

    boolean hasEnded();

    SessionInfo info();
}
