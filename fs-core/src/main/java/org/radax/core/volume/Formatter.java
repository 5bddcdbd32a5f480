package org.radax.core.volume;

import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;

/** Makes pools. */
public final class Formatter {
    private Formatter() {}

    /** Makes a pool; an existing one is touched only with {@code force}. */
    public static void format(FormatOptions options) throws PoolException {
        if (options != null) {
            throw new PoolException(Errno.ENOSYS, options.toString());
        }
    }
}
