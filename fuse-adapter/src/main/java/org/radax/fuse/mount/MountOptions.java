package org.radax.fuse.mount;

import java.nio.file.Path;
import org.radax.core.os.LibC;

/**
 * How a volume is mounted.
 *
 * @param source what /proc/mounts names as the device: the pool as it was given
 * @param threads server threads, 1 to {@value #MAX_THREADS}
 * @param nonEmpty mount over a directory that is not empty, hiding what is in it
 */
public record MountOptions(
        Path mountPoint,
        String source,
        boolean readOnly,
        CachePolicy cache,
        int threads,
        boolean allowOther,
        boolean defaultPermissions,
        boolean suid,
        boolean dev,
        boolean exec,
        Atime atime,
        boolean nonEmpty,
        TransportKind transport) {

    public static final int MAX_THREADS = 64;

    public MountOptions {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException("threads: " + threads + " is not 1 to " + MAX_THREADS);
        }
    }

    /** The same, but read-only. */
    public MountOptions asReadOnly() {
        return with(mountPoint, true);
    }

    /** The same, but elsewhere. */
    MountOptions at(Path place) {
        return with(place, readOnly);
    }

    private MountOptions with(Path newMountPoint, boolean newReadOnly) {
        return new MountOptions(
                newMountPoint,
                source,
                newReadOnly,
                cache,
                threads,
                allowOther,
                defaultPermissions,
                suid,
                dev,
                exec,
                atime,
                nonEmpty,
                transport);
    }

    /** As mount(8) has it: root's mounts are for all and allow suid and devices, others' are their own. */
    public static MountOptions defaults(Path mountPoint, String source) {
        boolean root = LibC.INSTANCE.geteuid() == 0;
        return new MountOptions(
                mountPoint,
                source,
                false,
                CachePolicy.AUTO,
                2,
                root,
                true,
                root,
                root,
                true,
                Atime.RELATIME,
                false,
                TransportKind.KERNEL);
    }
}
