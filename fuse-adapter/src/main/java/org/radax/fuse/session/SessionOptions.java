package org.radax.fuse.session;

/**
 * How a session is run.
 *
 * @param direct files past the page cache
 * @param mapsDirect whether the kernel may map files that are opened past its page cache: never beside clients that map
 *     them onto the pool, for the kernel does not tell of its mappings
 * @param writeback the kernel's writeback cache
 * @param checksPermissions whether the kernel checks permissions: what POSIX ACLs need to be more than decoration
 * @param threads server threads, at least 1
 * @param spinMicros how long an idle thread polls before it sleeps; 0: it sleeps at once
 */
public record SessionOptions(
        boolean direct, boolean mapsDirect, boolean writeback, boolean checksPermissions, int threads, int spinMicros) {
    /** Switches polling on without an option: for measuring. */
    public static final String SPIN_PROPERTY = "radax.fuse.spinMicros";
}
