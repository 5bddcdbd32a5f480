package org.radax.core.volume;

import org.radax.core.lock.LockOrder;

/** Up to six inode locks, exclusive, taken in stripe order and let go together. One thread's; for one operation. */
final class LockSet {
    private final InodeLocks locks;
    private final int[] stripes = new int[6];
    private final long[] stamps = new long[6];
    private int count;

    LockSet(InodeLocks locks) {
        this.locks = locks;
    }

    /** Names an inode to lock; 0 is nobody. */
    LockSet add(long ino) {
        if (ino == 0) {
            return this;
        }
        int stripe = InodeLocks.stripeOf(ino);
        int i = count;
        while (i > 0 && stripes[i - 1] > stripe) {
            i--;
        }
        if (i > 0 && stripes[i - 1] == stripe) {
            return this;
        }
        for (int k = count; k > i; k--) {
            stripes[k] = stripes[k - 1];
        }
        stripes[i] = stripe;
        count++;
        return this;
    }

    void lock() {
        int held = 0;
        try {
            for (; held < count; held++) {
                assert LockOrder.INODE.take();
                stamps[held] = locks.stripe(stripes[held]).writeLock();
            }
        } finally {
            if (held < count) {
                // Who waits takes memory for it, and there was none.
                assert LockOrder.INODE.letGo();
                count = held;
                unlock();
            }
        }
    }

    /** Lets all go and forgets them. */
    void unlock() {
        for (int i = count - 1; i >= 0; i--) {
            locks.stripe(stripes[i]).unlockWrite(stamps[i]);
            assert LockOrder.INODE.letGo();
        }
        count = 0;
    }
}
