package org.radax.core.scrub;

import org.radax.core.error.FsException;

/** Verifies the data of regular files while a scrub visits them. */
@FunctionalInterface
public interface DataVerifier {
    /** Of a volume whose data has no checksums. */
    DataVerifier NONE = (ino, page, poolBlock, count, log) -> {};

    /**
     * File blocks {@code [page, page + count)} are written and lie at {@code poolBlock} and behind. The inode's lock is
     * held shared.
     *
     * @param log to be told what was verified and found
     */
    void verify(long ino, long page, long poolBlock, long count, ScrubLog log) throws FsException;
}
