package org.radax.core.dax;

/**
 * Pages of a file that follow one another, here and in the pool, and look the same.
 *
 * @param beingWritten tagged for a writeback that has begun
 * @param since when the oldest of their tags was set, in seconds since 1970; 0 for clean pages
 * @param lockHolder the lower bits of the number of the thread that has their entry locked, or −1
 */
public record PageRun(
        long page,
        long count,
        long poolBlock,
        boolean dirty,
        boolean beingWritten,
        boolean reported,
        long since,
        long lockHolder,
        int waiters) {
    boolean continues(PageRun next) {
        return next.equals(new PageRun(
                page + count,
                next.count,
                poolBlock + count,
                dirty,
                beingWritten,
                reported,
                since,
                lockHolder,
                waiters));
    }

    PageRun longer(long more) {
        return new PageRun(page, count + more, poolBlock, dirty, beingWritten, reported, since, lockHolder, waiters);
    }
}
