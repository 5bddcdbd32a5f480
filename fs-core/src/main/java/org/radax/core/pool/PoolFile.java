package org.radax.core.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/**
 * An open pool: a tmpfs file, a plain file, a file on a DAX filesystem, or a /dev/dax device; locked against other
 * processes by its inode (so by whatever path or link it comes) and mapped whole at a 2 MiB-aligned address.
 */
public final class PoolFile implements HostSpace, AutoCloseable {
    private static final int TMPFS_MAGIC = 0x01021994;
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFCHR = 0020000;
    private static final int EACCES = 13;
    private static final int EAGAIN = 11;
    private static final int STAT_SIZE = 256;

    /** struct flock. */
    private static final int LOCK_START = 8;

    private static final int LOCK_LENGTH = 16;
    private static final int FLOCK_SIZE = 32;
    private static final short F_UNLCK = 2;
    private static final long MAPPER_PATIENCE_NANOS = 5_000_000_000L;

    /** What lies under the pool. */
    public enum Kind {
        TMPFS,
        PLAIN_FILE,
        DAX_FILE,
        DEVICE_DAX
    }

    private final Path path;
    private int fd;

    /** Of another access than {@link #fd}, or -1. Closing any descriptor of the file would drop the record lock. */
    private int otherFd = -1;

    private final Kind kind;
    private final long sizeBytes;
    private boolean writable;
    private long base;

    private PoolFile(Path path, int fd, Kind kind, long sizeBytes, boolean writable, long base) {
        this.path = path;
        this.fd = fd;
        this.kind = kind;
        this.sizeBytes = sizeBytes;
        this.writable = writable;
        this.base = base;
    }

    /**
     * Opens, locks and maps a pool.
     *
     * @param writable false: locked shared, and mapped as a private view: stores stay in this process, so that a
     *     journal can be replayed for reading without touching the pool
     * @throws PoolException when it is missing, not accessible, too small, or held by another process
     */
    public static PoolFile open(Path path, boolean writable) throws PoolException {
        // Without waiting: for a FIFO that could be for ever.
        int flags = (writable ? LibC.O_RDWR : LibC.O_RDONLY) | LibC.O_CLOEXEC | LibC.O_NONBLOCK;
        return of(path, LibC.INSTANCE.open(path.toString(), flags, 0), writable);
    }

    /** As {@link #open}, of what is open already; the descriptor, or the error that open(2) left, is taken over. */
    public static PoolFile of(Path path, int fd, boolean writable) throws PoolException {
        if (fd < 0) {
            throw failure(path, "cannot be opened " + (writable ? "for writing" : "for reading"));
        }
        boolean done = false;
        try {
            lock(path, fd, writable);
            long stat = RawMemory.allocateForEver(256, 8);
            if (LibC.INSTANCE.fstat(fd, stat) != 0) {
                throw failure(path, "fstat");
            }
            int mode = RawMemory.getInt(stat + 24);
            long size;
            Kind kind;
            if ((mode & S_IFMT) == S_IFREG) {
                size = RawMemory.getLong(stat + 48);
                kind = isTmpfs(path, fd) ? Kind.TMPFS : Kind.PLAIN_FILE;
            } else if ((mode & S_IFMT) == S_IFCHR) {
                size = daxDeviceSize(path, RawMemory.getLong(stat + 40));
                kind = Kind.DEVICE_DAX;
            } else {
                throw new PoolException(
                        Errno.EINVAL, path + ": not a file or DAX device; name a pool made by radax mkfs");
            }
            if (size < Units.BLOCK_BYTES) {
                throw new PoolException(
                        Errno.EINVAL, path + ": " + size + " bytes, too small for a pool; make one with radax mkfs");
            }
            PoolFile pool = map(path, fd, kind, size, writable);
            done = true;
            return pool;
        } finally {
            if (!done) {
                LibC.INSTANCE.close(fd);
            }
        }
    }

    private static PoolFile map(Path path, int fd, Kind kind, long size, boolean writable) throws PoolException {
        long span = Units.alignUp(size, Units.RUN_BYTES);
        // Reserve one run more than needed, then place the pool at a 2 MiB boundary inside: huge pages need it.
        long reserved = LibC.INSTANCE.mmap(
                0, span + Units.RUN_BYTES, 0, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE, -1, 0);
        if (reserved == -1) {
            throw failure(path, "no room to map " + span + " bytes");
        }
        long at = Units.alignUp(reserved, Units.RUN_BYTES);
        int protection = LibC.PROT_READ | LibC.PROT_WRITE;
        int sharing = writable ? LibC.MAP_SHARED : LibC.MAP_PRIVATE | LibC.MAP_NORESERVE;
        long mapped = -1;
        Kind found = kind;
        if (kind == Kind.PLAIN_FILE && writable) {
            mapped = LibC.INSTANCE.mmap(
                    at, size, protection, LibC.MAP_SHARED_VALIDATE | LibC.MAP_SYNC | LibC.MAP_FIXED, fd, 0);
            if (mapped != -1) {
                found = Kind.DAX_FILE;
            }
        }
        if (mapped == -1) {
            mapped = LibC.INSTANCE.mmap(at, size, protection, sharing | LibC.MAP_FIXED, fd, 0);
        }
        if (mapped == -1) {
            PoolException e = failure(path, "cannot be mapped");
            LibC.INSTANCE.munmap(reserved, span + Units.RUN_BYTES);
            throw e;
        }
        if (at > reserved) {
            LibC.INSTANCE.munmap(reserved, at - reserved);
        }
        long tail = reserved + Units.RUN_BYTES - at;
        if (tail > 0) {
            LibC.INSTANCE.munmap(at + span, tail);
        }
        return new PoolFile(path, fd, found, size, writable, mapped);
    }

    /** A POSIX record lock: bound to the inode, and F_GETLK names its holder. */
    private static void lock(Path path, int fd, boolean exclusive) throws PoolException {
        long flock = RawMemory.allocateForEver(32, 8);
        RawMemory.putShort(flock, (short) (exclusive ? 1 : 0));
        RawMemory.putLong(flock + LOCK_LENGTH, LeaseProtocol.LOCK_BYTE);
        if (LibC.INSTANCE.fcntl(fd, LibC.F_SETLK, flock) == 0) {
            if (exclusive) {
                awaitMappers(path, fd, flock);
            }
            return;
        }
        int errno = LibC.errno();
        if (errno != EACCES && errno != EAGAIN) {
            throw failure(path, "cannot be locked");
        }
        RawMemory.putShort(flock, (short) 1);
        int pid = LibC.INSTANCE.fcntl(fd, LibC.F_GETLK, flock) == 0 ? RawMemory.getInt(flock + 24) : 0;
        throw new PoolException(
                Errno.EBUSY, path + ": in use by " + describe(pid) + "; unmount it first (radax umount DIR)");
    }

    /**
     * Programs that the server before this one let map files hold a lock while they do. They let go when that server
     * ends, unless they are stopped.
     */
    private static void awaitMappers(Path path, int fd, long flock) throws PoolException {
        long deadline = System.nanoTime() + MAPPER_PATIENCE_NANOS;
        while (true) {
            RawMemory.fill(flock, FLOCK_SIZE, (byte) 0);
            RawMemory.putShort(flock, (short) 1);
            RawMemory.putLong(flock + LOCK_START, LeaseProtocol.LOCK_BYTE);
            RawMemory.putLong(flock + LOCK_LENGTH, 1);
            if (LibC.INSTANCE.fcntl(fd, LibC.F_GETLK, flock) != 0) {
                throw failure(path, "cannot be asked for locks");
            }
            if (RawMemory.getShort(flock) == F_UNLCK) {
                return;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new PoolException(
                        Errno.EBUSY,
                        path + ": programs of an earlier mount still have files mapped; end them (fuser " + path + ")");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PoolException(Errno.EINTR, path + ": interrupted");
            }
        }
    }

    private static String describe(int pid) {
        if (pid <= 0) {
            return "another process";
        }
        try {
            String command = Files.readString(Path.of("/proc", Integer.toString(pid), "comm"));
            return "process " + pid + " (" + command.strip() + ")";
        } catch (IOException e) {
            return "process " + pid;
        }
    }

    private static boolean isTmpfs(Path path, int fd) throws PoolException {
        long statfs = RawMemory.allocateForEver(256, 8);
        if (LibC.INSTANCE.fstatfs(fd, statfs) != 0) {
            throw failure(path, "fstatfs");
        }
        return RawMemory.getLong(statfs) == TMPFS_MAGIC;
    }

    /** A DAX device has no size of its own: sysfs knows it. */
    private static long daxDeviceSize(Path path, long rdev) throws PoolException {
        long major = (rdev >>> 8 & 0xfff) | (rdev >>> 32 & ~0xfffL);
        long minor = (rdev & 0xff) | (rdev >>> 12 & ~0xffL);
        Path size = Path.of("/sys/dev/char/" + major + ":" + minor + "/size");
        try {
            return Long.parseLong(Files.readString(size).strip());
        } catch (IOException | NumberFormatException e) {
            throw new PoolException(
                    Errno.EINVAL, path + ": a character device, but not a DAX device (no size in " + size + ")");
        }
    }

    private static PoolException failure(Path path, String what) {
        int number = LibC.errno();
        return new PoolException(Errno.of(number), path + ": " + what + ": " + LibC.INSTANCE.strerror(number));
    }

    /**
     * Turns a read-only pool into a writable one, at the same address: remount. The private view is given up.
     *
     * @throws PoolException when the pool can not be written or somebody else has it open
     */
    public void makeWritable() throws PoolException {
        if (writable) {
            return;
        }
        if (otherFd < 0) {
            // The same file, whatever its path has become.
            otherFd = LibC.INSTANCE.open("/proc/self/fd/" + fd, LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        }
        if (otherFd < 0) {
            throw failure(path, "cannot be opened for writing");
        }
        try {
            lock(path, otherFd, true);
            int flags = LibC.MAP_SHARED | LibC.MAP_FIXED;
            if (LibC.INSTANCE.mmap(base, sizeBytes, LibC.PROT_READ | LibC.PROT_WRITE, flags, otherFd, 0) == -1) {
                throw failure(path, "cannot be mapped for writing");
            }
            writable = true;
        } finally {
            if (!writable) {
                // Shared as before, also where it was exclusive already.
                lock(path, fd, false);
            }
        }
        int readOnlyFd = fd;
        fd = otherFd;
        otherFd = readOnlyFd;
    }

    public Path path() {
        return path;
    }

    public Kind kind() {
        return kind;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public boolean writable() {
        return writable;
    }

    /** Address of the mapping. */
    public long base() {
        return base;
    }

    public int fd() {
        return fd;
    }

    /** The domain that fits what lies under the pool. */
    public PersistenceDomain defaultDomain() {
        return writable ? domainOf(kind, RawMemory.canWriteBackLines(), base) : new NoDomain();
    }

    /** Cache lines, in memory of any kind (D27); msync under a page cache, or where lines can not be written back. */
    static PersistenceDomain domainOf(Kind kind, boolean canWriteBackLines, long base) {
        return kind == Kind.PLAIN_FILE || !canWriteBackLines ? new MsyncDomain(base) : new CacheLineDomain(base);
    }

    /** st_dev of the file. */
    public long device() throws PoolException {
        return status(0);
    }

    /** st_ino of the file. */
    public long inode() throws PoolException {
        return status(Long.BYTES);
    }

    private long status(int field) throws PoolException {
        long stat = RawMemory.allocate(STAT_SIZE);
        try {
            if (LibC.INSTANCE.fstat(fd, stat) != 0) {
                throw failure(path, "fstat");
            }
            return RawMemory.getLong(stat + field);
        } finally {
            RawMemory.free(stat);
        }
    }

    /** Whether host memory is taken by {@link #provide} and can be given back by {@link #discard}. */
    public boolean sparse() {
        return kind != Kind.DEVICE_DAX;
    }

    @Override
    public void provide(long poolOffset, long lengthBytes) throws PoolException {
        if (!sparse()) {
            return;
        }
        long length = Math.min(lengthBytes, sizeBytes - poolOffset);
        if (!fallocate(LibC.FALLOC_FL_KEEP_SIZE, poolOffset, length)) {
            throw failure(path, "the host has no memory for " + length + " more bytes of the pool");
        }
    }

    @Override
    public boolean discard(long poolOffset, long lengthBytes) {
        return sparse()
                && fallocate(
                        LibC.FALLOC_FL_KEEP_SIZE | LibC.FALLOC_FL_PUNCH_HOLE,
                        poolOffset,
                        Math.min(lengthBytes, sizeBytes - poolOffset));
    }

    /** Any signal that waits for this thread, a freezer's too, ends tmpfs's fallocate (shmem_fallocate). */
    private boolean fallocate(int mode, long poolOffset, long lengthBytes) {
        boolean done;
        do {
            done = LibC.INSTANCE.fallocate(fd, mode, poolOffset, lengthBytes) == 0;
        } while (!done && LibC.errno() == Errno.EINTR.number());
        return done;
    }

    @Override
    public void close() {
        if (base != 0) {
            LibC.INSTANCE.munmap(base, Units.alignUp(sizeBytes, Units.RUN_BYTES));
            LibC.INSTANCE.close(fd);
            if (otherFd >= 0) {
                LibC.INSTANCE.close(otherFd);
            }
            base = 0;
        }
    }
}
