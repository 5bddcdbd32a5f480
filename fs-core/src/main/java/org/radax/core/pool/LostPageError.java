package org.radax.core.pool;

import org.radax.core.os.RawMemory;

/**
 * A page of the pool is gone: poisoned, or cut off by a truncation of the pool file. The request that met it fails with
 * EIO. Thrown where the loss is found; the virtual machine's own {@link InternalError} comes late, if at all.
 */
public final class LostPageError extends InternalError {
    private static final long serialVersionUID = 1;

    private LostPageError(String message) {
        super(message);
    }

    /** Takes up the error that the access itself may have left behind: here it does no harm, later it may. */
    static LostPageError now(String message) {
        LostPageError error = new LostPageError(message);
        try {
            RawMemory.raisePendingError();
        } catch (InternalError late) {
            error.addSuppressed(late);
        }
        return error;
    }
}
