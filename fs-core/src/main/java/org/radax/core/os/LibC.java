package org.radax.core.os;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;

/**
 * The libc functions in use. Addresses and sizes are plain longs, so no call allocates. A failed call leaves its
 * errno for {@link #errno()} on the same thread.
 *
 * <p>jnr-ffi passes garbage as the sixth of six integer arguments unless its x86 assembler is off; {@code mmap}
 * therefore goes through {@code syscall}, which has seven (docs/DESIGN.md, "Dependencies").
 */
public interface LibC {
    LibC INSTANCE = LibraryLoader.create(LibC.class).load("c");

    int SC_OPEN_MAX = 4;
    long SYS_MMAP = 9;
    long SYS_MEMFD_CREATE = 319;
    long SYS_USERFAULTFD = 323;
    long SYS_PIDFD_OPEN = 434;
    int PROT_NONE = 0;
    int PROT_READ = 1;
    int PROT_WRITE = 2;
    int PROT_EXEC = 4;
    int MAP_SHARED = 1;
    int MAP_PRIVATE = 2;
    int MAP_SHARED_VALIDATE = 3;
    int MAP_FIXED = 0x10;
    int MAP_ANONYMOUS = 0x20;
    int MAP_NORESERVE = 0x4000;
    int MAP_SYNC = 0x80000;
    int MS_SYNC = 4;
    int O_RDONLY = 0;
    int O_RDWR = 2;
    int O_CREAT = 0x40;
    int O_EXCL = 0x80;
    int O_NONBLOCK = 0x800;
    int O_CLOEXEC = 0x80000;
    int FALLOC_FL_KEEP_SIZE = 1;
    int FALLOC_FL_PUNCH_HOLE = 2;
    int F_GETLK = 5;
    int F_SETLK = 6;
    int F_OFD_SETLK = 37;
    int AF_UNIX = 1;
    int SOCK_STREAM = 1;
    int SOCK_SEQPACKET = 5;
    int SOCK_CLOEXEC = 0x80000;
    int SOL_SOCKET = 1;
    int SO_PEERCRED = 17;
    int SO_RCVTIMEO = 20;
    int SO_SNDTIMEO = 21;
    int SHUT_RDWR = 2;
    int MSG_NOSIGNAL = 0x4000;
    int MSG_CMSG_CLOEXEC = 0x40000000;
    int POLLIN = 1;

    int open(String path, int flags, int mode);

    int close(int fd);

    long read(int fd, long buffer, long lengthBytes);

    long write(int fd, long buffer, long lengthBytes);

    long pread(int fd, long buffer, long lengthBytes, long offset);

    long pwrite(int fd, long buffer, long lengthBytes, long offset);

    long writev(int fd, long iovecs, int count);

    long readv(int fd, long iovecs, int count);

    long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);

    int munmap(long address, long lengthBytes);

    int msync(long address, long lengthBytes, int flags);

    int madvise(long address, long lengthBytes, int advice);

    int ftruncate(int fd, long lengthBytes);

    int fallocate(int fd, int mode, long offset, long lengthBytes);

    long lseek(int fd, long offset, int whence);

    int fcntl(int fd, int command, long argument);

    int ioctl(int fd, long request, long argument);

    int poll(long pollFds, long count, int timeoutMillis);

    int mount(String source, String target, String type, long flags, String data);

    int umount2(String target, int flags);

    int getuid();

    int geteuid();

    int getgid();

    int fchmod(int fd, int mode);

    int fchown(int fd, int uid, int gid);

    int fstat(int fd, long buffer);

    int fstatfs(int fd, long buffer);

    int fsync(int fd);

    int syncfs(int fd);

    int socketpair(int domain, int type, int protocol, long fds);

    long recvmsg(int fd, long message, int flags);

    long sendmsg(int fd, long message, int flags);

    long recv(int fd, long buffer, long lengthBytes, int flags);

    long send(int fd, long buffer, long lengthBytes, int flags);

    int socket(int domain, int type, int protocol);

    int bind(int fd, long address, int length);

    int connect(int fd, long address, int length);

    int listen(int fd, int backlog);

    int accept4(int fd, long address, long length, int flags);

    int shutdown(int fd, int how);

    int getsockopt(int fd, int level, int option, long value, long lengthAddress);

    int setsockopt(int fd, int level, int option, long value, int length);

    int mprotect(long address, long lengthBytes, int protection);

    int dup(int fd);

    long sysconf(int name);

    /** Returns 0 or an errno; {@code start} is the address of machine code. */
    int pthread_create(long threadAddress, long attributes, long start, long argument);

    int pthread_join(long thread, long resultAddress);

    int setsid();

    int prctl(int option, long a2, long a3, long a4, long a5);

    /** Fills struct statfs (120 bytes). */
    int statfs(String path, long buffer);

    /** Returns 0 or an errno. Descriptors without O_CLOEXEC are inherited, which ProcessBuilder prevents. */
    int posix_spawn(long pidAddress, String path, long fileActions, long attributes, long argv, long envp);

    int waitpid(int pid, long statusAddress, int options);

    @IgnoreError
    int getpid();

    String strerror(int errno);

    /** Maps {@code lengthBytes} of {@code fd}; returns the address, or -1 with errno set. */
    default long mmap(long address, long lengthBytes, int protection, int flags, int fd, long offset) {
        return syscall(SYS_MMAP, address, lengthBytes, protection, flags, fd, offset);
    }

    /** The errno of the last failed call on this thread. */
    static int errno() {
        return Runtime.getRuntime(INSTANCE).getLastError();
    }

    /** {@code strerror} of the last failed call, with its number. */
    static String lastError() {
        int errno = errno();
        return INSTANCE.strerror(errno) + " (errno " + errno + ")";
    }
}
