package org.radax.fuse.control;

/** A request refused or failed: a code (an errno name, or {@code EPROTO} for what is no request) and one line. */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    public ControlException(String code, String message) {
        super(message);
        this.code = code;
    }

    public ControlException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
