package org.radax.it.harness;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** System calls the JDK has no name for, on paths and descriptors; -1 and {@link #errno} on failure. */
public interface Posix {
    Posix LIBC = LibraryLoader.create(Posix.class).load("c");

    int AT_FDCWD = -100;
    int AT_SYMLINK_NOFOLLOW = 0x100;
    int AT_SYMLINK_FOLLOW = 0x400;
    int O_RDONLY = 0;
    int O_WRONLY = 1;
    int O_RDWR = 2;
    int O_CREAT = 0x40;
    int O_EXCL = 0x80;
    int O_TRUNC = 0x200;
    int O_APPEND = 0x400;
    int O_NONBLOCK = 0x800;
    int O_NOATIME = 0x40000;
    int O_PATH = 0x200000;
    int O_TMPFILE = 0x410000;
    int SEEK_DATA = 3;
    int SEEK_HOLE = 4;
    int STATX_ALL = 0xfff;
    int STATX_BYTES = 256;

    int open(String path, int flags, int mode);

    int close(int fd);

    long pread(int fd, @Out byte[] buffer, long lengthBytes, long offset);

    long pwrite(int fd, @In byte[] buffer, long lengthBytes, long offset);

    long write(int fd, @In byte[] buffer, long lengthBytes);

    int ftruncate(int fd, long lengthBytes);

    int truncate(String path, long lengthBytes);

    int fallocate(int fd, int mode, long offset, long lengthBytes);

    long lseek(int fd, long offset, int whence);

    int fsync(int fd);

    int mkdir(String path, int mode);

    int rmdir(String path);

    int unlink(String path);

    int link(String from, String to);

    int linkat(int fromDirectory, String from, int toDirectory, String to, int flags);

    int symlink(String target, String path);

    long readlink(String path, @Out byte[] buffer, long capacity);

    int renameat2(int fromDirectory, String from, int toDirectory, String to, int flags);

    int chmod(String path, int mode);

    int lchown(String path, int uid, int gid);

    int mknod(String path, int mode, long device);

    int utimensat(int directory, String path, @In long[] times, int flags);

    int statx(int directory, String path, int flags, int mask, Pointer buffer);

    int lsetxattr(String path, String name, @In byte[] value, long lengthBytes, int flags);

    long lgetxattr(String path, String name, @Out byte[] value, long capacity);

    int lremovexattr(String path, String name);

    long llistxattr(String path, @Out byte[] names, long capacity);

    long copy_file_range(int from, @In long[] fromOffset, int to, @In long[] toOffset, long lengthBytes, int flags);

    int ioctl(int fd, long request, @In int[] argument);

    int umask(int mask);

    /** {@code handle} begins with the bytes it has room for. */
    int name_to_handle_at(int directory, String path, @In @Out byte[] handle, @Out int[] mountId, int flags);

    int open_by_handle_at(int mount, @In byte[] handle, int flags);

    /** Of the last failed call on this thread. */
    static int errno() {
        return Runtime.getRuntime(LIBC).getLastError();
    }
}
