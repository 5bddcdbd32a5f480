package org.radax.core.error;

/**
 * An operation refused or failed, with the errno an application is to see.
 *
 * <p>Carries no stack trace: it is an answer, not an accident, and ENOENT is thrown on hot paths. Its message
 * reads {@code ENOSPC: reserve 12 blocks: 4 free}.
 */
public class FsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String detail;

    public FsException(Errno errno, String operation, String detail) {
        super(errno + ": " + operation + ": " + detail, null, false, false);
        this.errno = errno;
        this.detail = detail;
    }

    protected FsException(Errno errno, String message) {
        super(message, null, false, true);
        this.errno = errno;
        this.detail = message;
    }

    public Errno errno() {
        return errno;
    }

    /** The message without errno and operation. */
    public String detail() {
        return detail;
    }
}
