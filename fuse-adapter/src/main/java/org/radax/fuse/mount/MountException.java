package org.radax.fuse.mount;

/** A mount or unmount that could not be done. The message is one line: what, where, and what to do. */
public final class MountException extends Exception {
    private static final long serialVersionUID = 1L;

    public MountException(String message) {
        super(message);
    }

    public MountException(String message, Throwable cause) {
        super(message, cause);
    }
}
