package org.radax.core.error;

/**
 * A pool could not be opened, made or checked, for a reason the person at the keyboard can mend. The message is
 * one line that says what, where, and what to do.
 */
public final class PoolException extends FsException {
    private static final long serialVersionUID = 1L;

    public PoolException(Errno errno, String message) {
        super(errno, message);
    }
}
