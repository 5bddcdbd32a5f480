package org.radax.it.model;

/** The model refuses an operation. */
final class ModelException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ModelException(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }
}
