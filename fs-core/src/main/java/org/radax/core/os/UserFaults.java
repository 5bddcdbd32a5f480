package org.radax.core.os;

/**
 * userfaultfd(2): who stored to a page, and who touched one that is not there. All methods work on another process's
 * memory through a descriptor that it made. They return 0 or an errno. Not thread-safe: each thread has its own.
 */
public final class UserFaults implements AutoCloseable {
    /** Stores are noted in the page tables, and wait for nobody ({@code PAGEMAP_SCAN} reads them). */
    public static final long TRACKING_FEATURES =
            Feature.PAGEFAULT_FLAG_WP | Feature.WP_HUGETLBFS_SHMEM | Feature.WP_UNPOPULATED | Feature.WP_ASYNC;

    /** Who touches a page that is not there, or stores to one that is write-protected, waits for an answer. */
    public static final long SERVING_FEATURES = Feature.PAGEFAULT_FLAG_WP
            | Feature.MISSING_SHMEM
            | Feature.WP_HUGETLBFS_SHMEM
            | Feature.WP_UNPOPULATED
            | Feature.POISON;

    public static final int MODE_MISSING = 1;
    public static final int MODE_PROTECT = 2;

    /** struct uffd_msg, of a page fault. */
    public static final int MESSAGE_SIZE = 32;

    private static final int MESSAGE_EVENT = 0;
    private static final int MESSAGE_FLAGS = 8;
    private static final int MESSAGE_ADDRESS = 16;
    private static final byte EVENT_PAGEFAULT = 0x12;
    private static final int FLAG_WRITE = 1;

    private static final class Feature {
        static final long PAGEFAULT_FLAG_WP = 1;
        static final long MISSING_SHMEM = 1 << 5;
        static final long WP_HUGETLBFS_SHMEM = 1 << 12;
        static final long WP_UNPOPULATED = 1 << 13;
        static final long POISON = 1 << 14;
        static final long WP_ASYNC = 1 << 15;
    }

    private static final long API_VERSION = 0xAA;
    private static final long API = 0xc018aa3fL;
    private static final long REGISTER = 0xc020aa00L;
    private static final long UNREGISTER = 0x8010aa01L;
    private static final long WAKE = 0x8010aa02L;
    private static final long COPY = 0xc028aa03L;
    private static final long WRITE_PROTECT = 0xc018aa06L;
    private static final long POISON = 0xc020aa08L;
    private static final long COPY_PROTECTED = 2;
    private static final long PROTECT = 1;
    private static final int USER_MODE_ONLY = 1;

    private final long argument = RawMemory.allocate(64);

    /** A descriptor for this process's own memory, or a negative errno. */
    public int open(long features) {
        int fd = (int) LibC.INSTANCE.syscall(
                LibC.SYS_USERFAULTFD, LibC.O_CLOEXEC | LibC.O_NONBLOCK | USER_MODE_ONLY, 0, 0, 0, 0, 0);
        if (fd < 0) {
            return -LibC.errno();
        }
        RawMemory.putLong(argument, API_VERSION);
        RawMemory.putLong(argument + 8, features);
        RawMemory.putLong(argument + 16, 0);
        if (LibC.INSTANCE.ioctl(fd, API, argument) != 0) {
            int errno = LibC.errno();
            LibC.INSTANCE.close(fd);
            return -errno;
        }
        return fd;
    }

    public int register(int fd, long address, long lengthBytes, int modes) {
        range(address, lengthBytes);
        RawMemory.putLong(argument + 16, modes);
        return call(fd, REGISTER);
    }

    /** Who waits in the range looks again. */
    public int unregister(int fd, long address, long lengthBytes) {
        range(address, lengthBytes);
        return call(fd, UNREGISTER);
    }

    /** From here on a store to any of the pages is noted, or waits. */
    public int protect(int fd, long address, long lengthBytes) {
        range(address, lengthBytes);
        RawMemory.putLong(argument + 16, PROTECT);
        return call(fd, WRITE_PROTECT);
    }

    /** Puts write-protected copies where no pages are, and wakes who waits for them; EEXIST if one is there. */
    public int copyProtected(int fd, long address, long source, long lengthBytes) {
        RawMemory.putLong(argument, address);
        RawMemory.putLong(argument + 8, source);
        RawMemory.putLong(argument + 16, lengthBytes);
        RawMemory.putLong(argument + 24, COPY_PROTECTED);
        RawMemory.putLong(argument + 32, 0);
        return call(fd, COPY);
    }

    /** Whoever touches the pages gets SIGBUS; EEXIST if one is there. */
    public int poison(int fd, long address, long lengthBytes) {
        range(address, lengthBytes);
        RawMemory.putLong(argument + 16, 0);
        RawMemory.putLong(argument + 24, 0);
        return call(fd, POISON);
    }

    public int wake(int fd, long address, long lengthBytes) {
        range(address, lengthBytes);
        return call(fd, WAKE);
    }

    /** Whether a message read from a serving descriptor is a page fault. */
    public static boolean isFault(long message) {
        return RawMemory.getByte(message + MESSAGE_EVENT) == EVENT_PAGEFAULT;
    }

    public static boolean isStore(long message) {
        return (RawMemory.getLong(message + MESSAGE_FLAGS) & FLAG_WRITE) != 0;
    }

    public static long address(long message) {
        return RawMemory.getLong(message + MESSAGE_ADDRESS);
    }

    /** Frees its memory; descriptors are the caller's. */
    @Override
    public void close() {
        RawMemory.free(argument);
    }

    private void range(long address, long lengthBytes) {
        RawMemory.putLong(argument, address);
        RawMemory.putLong(argument + 8, lengthBytes);
    }

    private int call(int fd, long request) {
        return LibC.INSTANCE.ioctl(fd, request, argument) == 0 ? 0 : LibC.errno();
    }
}
