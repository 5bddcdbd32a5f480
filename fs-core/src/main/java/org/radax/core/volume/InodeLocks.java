package org.radax.core.volume;

import java.util.concurrent.locks.StampedLock;
import org.radax.core.lock.LockOrder;

/**
 * The inode locks: a fixed table of striped read-write locks, so that no inode needs an object in memory. Several
 * inodes are locked through {@link LockSet}, in stripe order. docs/LOCKING.md.
 */
final class InodeLocks {
    private static final int STRIPES = 1024;

    private final StampedLock[] stripes = new StampedLock[STRIPES];

    InodeLocks() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new StampedLock();
        }
    }

    static int stripeOf(long ino) {
        return (int) ((ino * 0x9E3779B97F4A7C15L) >>> 54);
    }

    StampedLock stripe(int stripe) {
        return stripes[stripe];
    }

    long lockShared(long ino) {
        assert LockOrder.INODE.take();
        return stripes[stripeOf(ino)].readLock();
    }

    /** 0 if it is not to be had at once. */
    long tryLockShared(long ino) {
        long stamp = stripes[stripeOf(ino)].tryReadLock();
        assert stamp == 0 || LockOrder.INODE.takeAtOnce();
        return stamp;
    }

    long lockExclusive(long ino) {
        assert LockOrder.INODE.take();
        return stripes[stripeOf(ino)].writeLock();
    }

    void unlock(long ino, long stamp) {
        stripes[stripeOf(ino)].unlock(stamp);
        assert LockOrder.INODE.letGo();
    }
}
