package org.radax.cli.console;

/** A command can not do what it was asked. One line: {@code WHERE: what; what to do}. */
public final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int DEFAULT = -1;

    private final int exitCode;

    /** Ends the command with its usual code for a failure. */
    public CommandFailure(String message) {
        this(DEFAULT, message);
    }

    public CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    public int exitCode(int usual) {
        return exitCode == DEFAULT ? usual : exitCode;
    }
}
