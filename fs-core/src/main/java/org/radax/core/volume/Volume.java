package org.radax.core.volume;

import java.nio.file.Path;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;

/** A mounted pool. */
public abstract class Volume implements FileSystem, AutoCloseable {
    /**
     * Opens, recovers and locks a pool.
     *
     * @throws PoolException with one line that says what, where, and what to do
     */
    public static Volume open(Path pool, VolumeOptions options) throws PoolException {
        if (options == null) {
            return null;
        }
        throw new PoolException(Errno.ENOSYS, pool + ": " + options);
    }

    public abstract VolumeInfo info();

    /** Switches between read-only and read-write; EBUSY for read-only while files are open for writing. */
    public abstract void remount(boolean readOnly) throws PoolException;

    /** Makes everything durable, marks the pool clean, and closes it. Idempotent. */
    @Override
    public abstract void close();
}
