package org.radax.fuse.mount;

import org.radax.core.volume.FileSystem;

/** A way for the kernel to reach a filesystem. One object is one mount. */
interface Transport {
    /** Mounts and serves; returns when the kernel was answered. Nothing stays mounted on failure. */
    void mount(FileSystem fileSystem, MountOptions options) throws MountException;

    /** Waits until the kernel let go and all threads ended. */
    void awaitEnd() throws InterruptedException;

    boolean hasEnded();

    SessionInfo info();
}
