package org.radax.fuse.lease;

import org.junit.jupiter.api.Assumptions;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UserFaults;

/**
 * A write(2) that waits in the kernel for a page of its source, with the file's lock held, until this is closed. Anybody can
 * have that with a FUSE filesystem of his own; here a userfaultfd does it, which takes root, or vm.unprivileged_userfaultfd.
 */
final class StuckWrite implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int O_NONBLOCK = 0x800;
    private static final long API = 0xc018aa3fL;

    private final int faults;
    private final Thread writer;

    private StuckWrite(int faults, long source, int file) {
        this.faults = faults;
        writer = new Thread(() -> LibC.INSTANCE.pwrite(file, source, PAGE, 0), "stuck-write");
        writer.setDaemon(true);
        writer.start();
    }

    static StuckWrite into(int file) {
        int faults = (int) LibC.INSTANCE.syscall(LibC.SYS_USERFAULTFD, LibC.O_CLOEXEC | O_NONBLOCK, 0, 0, 0, 0, 0);
        Assumptions.assumeTrue(faults >= 0, "a userfaultfd for faults in the kernel takes root");
        long source = LibC.INSTANCE.mmap(
                0, PAGE, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        long api = RawMemory.allocate(24);
        RawMemory.fill(api, 24, (byte) 0);
        RawMemory.putLong(api, 0xAA);
        LibC.INSTANCE.ioctl(faults, API, api);
        RawMemory.free(api);
        try (UserFaults registering = new UserFaults()) {
            if (registering.register(faults, source, PAGE, UserFaults.MODE_MISSING) != 0) {
                throw new IllegalStateException("register: " + LibC.lastError());
            }
        }
        return new StuckWrite(faults, source, file);
    }

    /** Waits until it is. */
    boolean isStuck() {
        return Polling.isReadable(faults, -1) && writer.isAlive();
    }

    /** The page is zeroes then. */
    @Override
    public void close() {
        LibC.INSTANCE.close(faults);
    }
}
