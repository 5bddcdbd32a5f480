package org.radax.cli.console;

/** Those of mount(8) and fsck(8). */
public final class ExitCodes {
    public static final int OK = 0;
    public static final int USAGE = 1;
    public static final int SYSTEM = 2;
    public static final int MOUNT_FAILED = 32;

    public static final int FSCK_ERRORS_LEFT = 4;
    public static final int FSCK_NOT_RUN = 8;
    public static final int FSCK_USAGE = 16;

    private ExitCodes() {}
}
