package org.radax.fuse.dispatch;

/**
 * What the kernel may keep.
 *
 * <p>Every change of the volume passes through this mount's kernel (later: is announced by a notification), which
 * keeps its own caches right: names and attributes may be kept as long as it likes, "there is no such name" too. What
 * the server changes by itself as a side effect of a request (times and size on WRITE, times on READ, nlink and times on
 * LINK, UNLINK, RENAME, ctime on SETXATTR) the kernel marks stale when it sends that request. IOCTL is the exception:
 * {@link IoctlRequests} announces its changes.
 *
 * @param direct whether files are opened past the page cache
 * @param validSeconds how long names and attributes are kept
 */
public record DispatchPolicy(boolean direct, long validSeconds) {
    public static final long ONE_DAY_SECONDS = 24 * 60 * 60;

    public static DispatchPolicy caching() {
        return new DispatchPolicy(false, ONE_DAY_SECONDS);
    }

    /** Data always comes from the filesystem. */
    public static DispatchPolicy uncached() {
        return new DispatchPolicy(true, ONE_DAY_SECONDS);
    }
}
