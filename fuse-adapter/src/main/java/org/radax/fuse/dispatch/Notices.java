package org.radax.fuse.dispatch;

import org.radax.fuse.wire.Notice;

/** Takes messages for the kernel and sends them later, from a thread of its own: never from the caller's. */
public interface Notices {
    void enqueue(Notice notice);

    /** Runs {@code step} in that thread once all that was enqueued before has gone out. */
    void afterwards(Runnable step);
}
