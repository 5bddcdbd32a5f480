package org.radax.fuse.mount;

import java.nio.file.Path;

/**
 * A mount as {@code radax info} shows it; a snapshot.
 *
 * @param protocol e.g. {@code 7.45}
 * @param ownQueues server threads that have a device descriptor of their own
 * @param initFlags features in force, the bits of INIT
 * @param requests requests served so far
 */
public record SessionInfo(
        Path mountPoint,
        String source,
        TransportKind transport,
        String protocol,
        CachePolicy cache,
        int threads,
        int ownQueues,
        int maxWriteBytes,
        long initFlags,
        long requests) {}
