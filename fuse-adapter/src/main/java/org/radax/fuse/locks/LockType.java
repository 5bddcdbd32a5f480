package org.radax.fuse.locks;

/** F_RDLCK, F_WRLCK, F_UNLCK of Linux, as the protocol carries them. */
public final class LockType {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int UNLOCK = 2;

    private LockType() {}
}
