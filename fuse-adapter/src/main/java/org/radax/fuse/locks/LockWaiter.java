package org.radax.fuse.locks;

import org.radax.core.error.Errno;

/** Is told how the wait for a lock ended; called once, under no lock, from whichever thread ended it. */
@FunctionalInterface
public interface LockWaiter {
    /** {@code errno} is null when the lock was granted. */
    void done(Errno errno);
}
