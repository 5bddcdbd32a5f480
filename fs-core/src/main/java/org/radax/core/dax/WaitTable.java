package org.radax.core.dax;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.radax.core.event.EntryWaitEvent;

/**
 * Who waits for locked entries: a fixed table of queues, hashed by mapping and page. A wake-up looks at the whole key,
 * so that of two entries in one queue it wakes the waiters of its own only (D10; {@code wait_table} in fs/dax.c).
 */
public final class WaitTable {
    private static final int BITS = 12;

    private final Threading threading;
    /** Each made when somebody first waits there: a mount of a small volume is mostly the making of such tables. */
    private final AtomicReferenceArray<Queue> queues;

    /** Threads in line: nobody is, mostly, and then there is nothing to look for. */
    private final AtomicInteger inLine = new AtomicInteger();

    private final LongAdder waits = new LongAdder();
    private final LongAdder wakes = new LongAdder();

    /** One thread that waits for one entry, first in first out. */
    static final class Waiter {
        private final Mapping mapping;
        private final long page;
        private final Threading.Parking parking;

        private Waiter(Mapping mapping, long page, Threading.Parking parking) {
            this.mapping = mapping;
            this.page = page;
            this.parking = parking;
        }

        void await() {
            EntryWaitEvent event = new EntryWaitEvent();
            event.begin();
            Waits.count();
            parking.await();
            event.end();
            if (event.shouldCommit()) {
                event.inode = mapping.ino();
                event.page = page;
                event.commit();
            }
        }
    }

    /** Its monitor is a leaf, held for a few instructions. */
    private static final class Queue {
        private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(0);
    }

    public WaitTable(Threading threading) {
        this(threading, 1 << BITS);
    }

    /** {@code count}: a power of two, 2 at the least. */
    WaitTable(Threading threading, int count) {
        this.threading = threading;
        this.queues = new AtomicReferenceArray<>(count);
    }

    private Queue queue(Mapping mapping, long page) {
        long hash = (System.identityHashCode(mapping) * 0x9E3779B97F4A7C15L + page) * 0xD6E8FEB86659FD93L;
        int slot = (int) (hash >>> 32) & (queues.length() - 1);
        Queue queue = queues.get(slot);
        if (queue == null) {
            queues.compareAndSet(slot, null, new Queue());
            queue = queues.get(slot);
        }
        return queue;
    }

    /**
     * Gets in line. The mapping's tree lock is held, under which the entry was seen locked: so whoever unlocks it
     * afterwards finds the waiter.
     *
     * @param page the first of those the entry stands for: all pages under a huge entry share one key
     */
    Waiter enqueue(Mapping mapping, long page) {
        Waiter waiter = new Waiter(mapping, page, threading.parking());
        Queue queue = queue(mapping, page);
        synchronized (queue) {
            queue.waiters.addLast(waiter);
            inLine.incrementAndGet();
        }
        waits.increment();
        return waiter;
    }

    /**
     * Ends the wait of the first in line for an entry, or of all. Comes after a hold of the mapping's tree lock: whoever
     * got in line before that is seen.
     */
    void wake(Mapping mapping, long page, boolean all) {
        if (inLine.get() == 0) {
            return;
        }
        Queue queue = queue(mapping, page);
        while (true) {
            Waiter found = null;
            synchronized (queue) {
                for (Iterator<Waiter> i = queue.waiters.iterator(); i.hasNext() && found == null; ) {
                    Waiter waiter = i.next();
                    if (waiter.mapping == mapping && waiter.page == page) {
                        i.remove();
                        inLine.decrementAndGet();
                        found = waiter;
                    }
                }
            }
            if (found == null) {
                return;
            }
            wakes.increment();
            found.parking.end();
            if (!all) {
                return;
            }
        }
    }

    /** Threads in line for an entry. */
    int waiters(Mapping mapping, long page) {
        Queue queue = queue(mapping, page);
        synchronized (queue) {
            return (int) queue.waiters.stream()
                    .filter(waiter -> waiter.mapping == mapping && waiter.page == page)
                    .count();
        }
    }

    /** Waits begun so far. */
    public long waits() {
        return waits.sum();
    }

    /** Waits ended so far. */
    public long wakes() {
        return wakes.sum();
    }
}
