package org.radax.fuse.dispatch;

import org.radax.fuse.wire.Notice;

/** Takes messages for the kernel and sends them later, from a thread of its own: never from the caller's. */
@FunctionalInterface
public interface Notices {
    void enqueue(Notice notice);
}
