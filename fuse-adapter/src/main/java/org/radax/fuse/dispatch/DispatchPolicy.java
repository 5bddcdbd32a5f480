package org.radax.fuse.dispatch;

/**
 * What the kernel may keep, and what was agreed with it.
 *
 * <p>Every change of the volume passes through this mount's kernel (later: is announced by a notification), which
 * keeps its own caches right: names and attributes may be kept as long as it likes, "there is no such name" too. What
 * the server changes by itself as a side effect of a request (times and size on WRITE, times on READ, nlink and times on
 * LINK, UNLINK, RENAME, ctime on SETXATTR) the kernel marks stale when it sends that request. IOCTL is an exception:
 * {@link IoctlRequests} announces its changes. The other is the mode of setuid and setgid files, which loses these bits
 * on a change of contents: the attributes of such files are never kept.
 *
 * @param direct whether files are opened past the page cache
 * @param directMappings whether a file opened past the page cache can be mapped all the same
 * @param acls whether POSIX ACLs are in force: only then can they be changed
 * @param validSeconds how long names and attributes are kept
 */
public record DispatchPolicy(boolean direct, boolean directMappings, boolean acls, long validSeconds) {
    public static final long ONE_DAY_SECONDS = 24 * 60 * 60;

    public static DispatchPolicy caching() {
        return new DispatchPolicy(false, false, false, ONE_DAY_SECONDS);
    }

    /** Data always comes from the filesystem. */
    public static DispatchPolicy uncached() {
        return new DispatchPolicy(true, false, false, ONE_DAY_SECONDS);
    }

    public DispatchPolicy withAcls() {
        return new DispatchPolicy(direct, directMappings, true, validSeconds);
    }

    public DispatchPolicy withDirectMappings() {
        return new DispatchPolicy(direct, true, acls, validSeconds);
    }
}
