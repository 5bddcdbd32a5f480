package org.radax.core.lock;

import org.radax.core.error.FsException;

/** What is done while somebody else's lock is held. */
@FunctionalInterface
public interface Guarded {
    void run() throws FsException;
}
