package org.radax.fuse.session;

import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.InitFlags;
import org.radax.fuse.wire.InitLayouts.In;
import org.radax.fuse.wire.InitLayouts.Out;

/**
 * What kernel and server agreed on.
 *
 * @param minor the protocol is 7.{@code minor}
 * @param flags {@link InitFlags} in force
 */
public record Negotiation(int minor, int maxReadahead, long flags) {
    static final int MAJOR = 7;
    /** The newest protocol known here. */
    static final int NEWEST_MINOR = 45;
    /** Linux 3.15: before it, the structs of INIT and RENAME2 are others. */
    static final int OLDEST_MINOR = 23;

    public static final int MAX_WRITE_BYTES = 1 << 20;
    private static final int MAX_PAGES = MAX_WRITE_BYTES / 4096;

    /** Requests the kernel may have under way in the background: asynchronous direct I/O and read-ahead. */
    private static final int MAX_BACKGROUND = 128;

    private static final int CONGESTION_THRESHOLD = 96;

    private static final long WANTED = InitFlags.ASYNC_READ
            | InitFlags.POSIX_LOCKS
            | InitFlags.ATOMIC_O_TRUNC
            | InitFlags.EXPORT_SUPPORT
            | InitFlags.BIG_WRITES
            | InitFlags.DONT_MASK
            | InitFlags.FLOCK_LOCKS
            | InitFlags.HAS_IOCTL_DIR
            | InitFlags.DO_READDIRPLUS
            | InitFlags.READDIRPLUS_AUTO
            | InitFlags.ASYNC_DIO
            | InitFlags.PARALLEL_DIROPS
            | InitFlags.ABORT_ERROR
            | InitFlags.MAX_PAGES
            | InitFlags.CACHE_SYMLINKS
            // No other writer: a size or mtime that changed is our own doing, the cached pages are right.
            | InitFlags.EXPLICIT_INVAL_DATA
            | InitFlags.HANDLE_KILLPRIV_V2
            | InitFlags.INIT_EXT;

    /** All or none: without DONT_MASK a default ACL comes too late, without SETXATTR_EXT setgid outlives its right. */
    private static final long ACLS = InitFlags.POSIX_ACL | InitFlags.DONT_MASK | InitFlags.SETXATTR_EXT;

    /** Accepts the kernel's offer, the body of an INIT request of major 7 at {@code body}. */
    static Negotiation of(long body, int bodyLength, SessionOptions options) {
        long offered = Integer.toUnsignedLong(RawMemory.getInt(body + In.FLAGS));
        if ((offered & InitFlags.INIT_EXT) != 0 && bodyLength >= In.SIZE) {
            offered |= (long) RawMemory.getInt(body + In.FLAGS2) << Integer.SIZE;
        }
        boolean acls = options.checksPermissions() && (offered & ACLS) == ACLS;
        long wanted = WANTED
                | (acls ? ACLS : 0)
                | (options.writeback() ? InitFlags.WRITEBACK_CACHE : 0)
                | (options.mapsDirect() ? InitFlags.DIRECT_IO_ALLOW_MMAP : 0);
        return new Negotiation(
                Math.min(RawMemory.getInt(body + In.MINOR), NEWEST_MINOR),
                RawMemory.getInt(body + In.MAX_READAHEAD),
                offered & wanted);
    }

    /** Whether POSIX ACLs can be set; SETXATTR then comes in its longer form. */
    public boolean hasAcls() {
        return (flags & InitFlags.POSIX_ACL) != 0;
    }

    /** Whether a file opened past the page cache can be mapped shared. */
    public boolean hasDirectMappings() {
        return (flags & InitFlags.DIRECT_IO_ALLOW_MMAP) != 0;
    }

    /** Writes struct fuse_init_out. */
    void encode(long at) {
        RawMemory.fill(at, Out.SIZE, (byte) 0);
        RawMemory.putInt(at + Out.MAJOR, MAJOR);
        RawMemory.putInt(at + Out.MINOR, minor);
        RawMemory.putInt(at + Out.MAX_READAHEAD, maxReadahead);
        RawMemory.putInt(at + Out.FLAGS, (int) flags);
        RawMemory.putShort(at + Out.MAX_BACKGROUND, (short) MAX_BACKGROUND);
        RawMemory.putShort(at + Out.CONGESTION_THRESHOLD, (short) CONGESTION_THRESHOLD);
        RawMemory.putInt(at + Out.MAX_WRITE, MAX_WRITE_BYTES);
        RawMemory.putInt(at + Out.TIME_GRANULARITY, 1);
        RawMemory.putShort(at + Out.MAX_PAGES, (short) MAX_PAGES);
        RawMemory.putInt(at + Out.FLAGS2, (int) (flags >>> Integer.SIZE));
    }
}
