package org.radax.cli.mount;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import org.radax.fuse.mount.Mounted;

/**
 * Pools whose daemon is about to close them. umount(8) does not wait for that: it returns when the kernel let go, and a
 * mount or a check right after it would find the pool in use.
 */
public final class BusyPools {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 20;

    /** Opens a pool. */
    public interface Opening<T> {
        T open() throws PoolException;
    }

    private BusyPools() {}

    /**
     * Opens a pool; while it is in use and mounted nowhere, waits for at most 10 seconds.
     *
     * @throws PoolException EBUSY when it is mounted, or in use all that time
     */
    public static <T> T open(Path pool, Opening<T> opening) throws PoolException {
        long start = System.nanoTime();
        while (true) {
            try {
                return opening.open();
            } catch (PoolException e) {
                if (e.errno() != Errno.EBUSY || isMounted(pool) || System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw e;
                }
            }
            pause();
        }
    }

    private static boolean isMounted(Path pool) {
        Optional<String> key = MountDirectory.keyOf(pool);
        try {
            for (Mounted mounted : MountPoints.all()) {
                if (key.equals(MountDirectory.keyOf(Path.of(mounted.source())))) {
                    return true;
                }
            }
            return false;
        } catch (MountException e) {
            return true;
        }
    }

    private static void pause() throws PoolException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PoolException(Errno.EINTR, "interrupted while the pool was in use");
        }
    }
}
