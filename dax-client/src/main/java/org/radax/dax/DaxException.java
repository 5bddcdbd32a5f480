package org.radax.dax;

import java.io.IOException;

/** Why a file can not be mapped onto the pool, or is not any more. */
public final class DaxException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Kinds of refusals. */
    public enum Reason {
        /** The file is not on a Radax mount whose files can be mapped. */
        NOT_RADAX,
        /** The file is not in DAX mode. */
        NOT_DAX,
        /** The pool is not there for this process, or it may not open it. */
        POOL_NOT_ACCESSIBLE,
        /** Now it can not be mapped; later perhaps. */
        NOT_MAPPABLE_NOW,
        /** The machine lacks what it takes. */
        UNSUPPORTED,
        /** The server is gone: the file is not mapped any more. */
        GONE,
        /** Making it durable failed: of what was stored, some may be lost. */
        IO
    }

    private final Reason reason;

    DaxException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
