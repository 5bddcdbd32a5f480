package org.radax.core.volume;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.radax.core.error.FsException;

/**
 * Every operation of a mounted volume. Implemented by {@link Volume}; an interface so that a transport can be tested
 * without a pool.
 *
 * <p>Thread-safe. An operation that returned is durable (metadata) as docs/DESIGN.md says for each. Inode numbers are
 * {@link Attributes#ino}; the root is {@link #ROOT_INO}. Operations that hand an inode to the caller (lookup, create,
 * mknod, mkdir, symlink, link, tmpfile, accepted entries of readdir with attributes) take one reference on it, given
 * back by {@link #forget}: an inode without names lives until its last reference and open file are gone.
 *
 * <p>Errors are those of the system calls; on a read-only mount whatever changes answers EROFS. Names: EINVAL when
 * empty or holding '/' or NUL, ENAMETOOLONG over 255 bytes. An inode number that is not in use: ESTALE.
 */
public interface FileSystem {
    long ROOT_INO = 1;

    /** Longest symbolic link, and largest attribute value. */
    int MAX_SYMLINK_BYTES = 4095;

    int MAX_XATTR_BYTES = 65536;

    /** rename flags, as renameat2(2). */
    int RENAME_NOREPLACE = 1;

    int RENAME_EXCHANGE = 2;
    int RENAME_WHITEOUT = 4;

    /** fallocate modes, as fallocate(2). */
    int FALLOC_KEEP_SIZE = 1;

    int FALLOC_PUNCH_HOLE = 2;
    int FALLOC_ZERO_RANGE = 16;

    /** write flags. */
    int WRITE_CACHE = 1;

    int WRITE_KILL_PRIVILEGES = 4;

    int SEEK_DATA = 3;
    int SEEK_HOLE = 4;

    /** setxattr flags, as setxattr(2). */
    int XATTR_CREATE = 1;

    int XATTR_REPLACE = 2;
    /** With an access ACL: clears setgid, for a caller outside of the file's group who may not set it. */
    int XATTR_KILL_SETGID = 1 << 8;

    /**
     * A request that changes something begins. As the kernel's VFS does (sb_start_write), whoever serves requests calls
     * this before, and holds no lock.
     *
     * @return false while the volume is frozen: {@link #awaitChange} then, or not now
     */
    boolean startChange();

    /**
     * As {@link #startChange}, however long it takes.
     *
     * @param cancelled asked now and then
     * @throws FsException EINTR if it was
     */
    void awaitChange(BooleanSupplier cancelled) throws FsException;

    /** It ends; once for each that began. */
    void endChange();

    /**
     * Finds a name; "." and ".." work on any directory.
     *
     * @return false if there is no such name (no reference taken)
     */
    boolean lookup(long parent, Name name, Attributes out) throws FsException;

    /** Takes a reference on an inode known by number (NFS handles). ESTALE if it is not in use or has no name left. */
    void lookupInode(long ino, Attributes out) throws FsException;

    /** Gives {@code count} references back; never fails. An underflow is clamped and logged. */
    void forget(long ino, long count);

    void getattr(long ino, Attributes out) throws FsException;

    /** {@code file} is the open file it came through (ftruncate), or null. */
    void setattr(Caller caller, long ino, OpenFile file, AttributeChange change, Attributes out) throws FsException;

    /** Returns the length; copies it to {@code targetAddress}. ERANGE if {@code capacity} is too small. */
    int readlink(long ino, long targetAddress, int capacity) throws FsException;

    void symlink(Caller caller, long parent, Name name, long linkAddress, int linkLength, Attributes out)
            throws FsException;

    void mknod(Caller caller, long parent, Name name, int mode, int rdev, Attributes out) throws FsException;

    void mkdir(Caller caller, long parent, Name name, int mode, Attributes out) throws FsException;

    void unlink(Caller caller, long parent, Name name) throws FsException;

    void rmdir(Caller caller, long parent, Name name) throws FsException;

    void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags) throws FsException;

    void link(Caller caller, long ino, long newParent, Name newName, Attributes out) throws FsException;

    /** Whether there can be files in DAX mode, whose pages clients map: true unless mounted with {@code dax=never}. */
    boolean allowsDax();

    /** open(2) flags as Linux numbers; O_TRUNC truncates, with {@code killPrivileges} setuid bits are cleared. */
    OpenFile open(Caller caller, long ino, int flags, boolean killPrivileges) throws FsException;

    /** Creates and opens; EEXIST if the name is there. The mode is masked by the parent's default ACL, or the umask. */
    OpenFile create(Caller caller, long parent, Name name, int mode, int flags, Attributes out) throws FsException;

    /** O_TMPFILE: a nameless file that {@link #link} can name. */
    OpenFile tmpfile(Caller caller, long parent, int mode, int flags, Attributes out) throws FsException;

    OpenFile opendir(Caller caller, long ino) throws FsException;

    /** Grants the mapping of an open file; the grant is written to {@link LeaseDesk#GRANT_BYTES} of cleared memory. */
    void grantLease(Caller caller, OpenFile file, long outAddress) throws FsException;

    /** The last close of a file or directory; never fails. */
    void release(OpenFile file);

    /**
     * Reads up to end of file; {@link ReadSink#complete} is always called, possibly without a segment. Updates atime
     * unless {@code noatime} (relatime rules).
     */
    void read(OpenFile file, long fileOffset, long lengthBytes, ReadSink sink) throws FsException;

    /** Returns the bytes written: fewer than asked for only if there was no room for the rest. EFBIG beyond 16 TiB. */
    long write(Caller caller, OpenFile file, long fileOffset, long sourceAddress, long lengthBytes, int flags)
            throws FsException;

    /** Makes the file durable. Byte range [start, end). */
    default void fsync(OpenFile file, long start, long end, boolean dataOnly) throws FsException {
        fsync(file, start, end, dataOnly, () -> false);
    }

    /** As above; {@code cancelled} is asked now and then: with EINTR, what was done until then is durable. */
    void fsync(OpenFile file, long start, long end, boolean dataOnly, BooleanSupplier cancelled) throws FsException;

    void fallocate(Caller caller, OpenFile file, int mode, long fileOffset, long lengthBytes) throws FsException;

    /** SEEK_DATA or SEEK_HOLE; ENXIO beyond the end. */
    long lseek(OpenFile file, long fileOffset, int whence) throws FsException;

    /** Returns the bytes copied, 0 at end of file. */
    long copyFileRange(
            Caller caller, OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long lengthBytes)
            throws FsException;

    /**
     * Entries after {@code cookie} (0: from the start), "." and ".." first, until the visitor has no room.
     *
     * @param withAttributes fill attributes and take a reference for each accepted entry but "." and ".."
     */
    void readdir(OpenFile directory, long cookie, boolean withAttributes, DirectoryVisitor visitor) throws FsException;

    /** Returns the value's length; copies it if {@code capacity} is not 0 (ERANGE if too small). ENODATA if none. */
    int getxattr(long ino, Name name, long targetAddress, int capacity) throws FsException;

    /**
     * POSIX ACLs are set like other attributes, in the kernel's form, if they are valid: EINVAL if not. An access ACL
     * changes the mode; one that says no more than a mode is not kept; one without entries is removed.
     */
    void setxattr(Caller caller, long ino, Name name, long valueAddress, int valueLength, int flags) throws FsException;

    /** NUL-terminated names, one after another; as {@link #getxattr} for capacity. Only root sees {@code trusted.}. */
    int listxattr(Caller caller, long ino, long targetAddress, int capacity) throws FsException;

    void removexattr(Caller caller, long ino, Name name) throws FsException;

    /** FS_IOC_SETFLAGS: {@code FS_*_FL} bits; EOPNOTSUPP for one that is not known. */
    void setFlags(Caller caller, long ino, int flags) throws FsException;

    void getExtendedAttributes(long ino, ExtendedAttributes out) throws FsException;

    void setExtendedAttributes(Caller caller, long ino, ExtendedAttributes change) throws FsException;

    void statistics(VolumeStatistics out) throws FsException;

    /** sync(2) for the volume. */
    void syncVolume() throws FsException;

    /**
     * Ends all service at once, as a crash would: what was answered stays durable, nothing changes any more, and the
     * transport answers EIO to all but {@link #forget} and {@link #release}. For good: only a new mount serves again.
     *
     * @param held is told each inode that is referenced or open, of which the transport's users may hold cached data
     */
    void shutDown(LongConsumer held);

    boolean isShutDown();

    /**
     * FITRIM: gives free 2 MiB runs in the pool's byte range back to the host; returns the bytes the host has no memory
     * behind now. EINVAL for a start beyond the pool and for less than a block, as on ext4.
     */
    long trim(long start, long lengthBytes, long minimumBytes) throws FsException;
}
