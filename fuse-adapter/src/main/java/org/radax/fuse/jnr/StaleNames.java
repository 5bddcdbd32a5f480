package org.radax.fuse.jnr;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * For callers that are told of a stale name: the kernel looks it up again, but once only. So that it is not stale again,
 * requests that take names away wait for them, not for long. Thread-safe.
 */
final class StaleNames {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final Map<Integer, Search> searches = new HashMap<>();

    /** A caller's, for what libfuse knew by a number: until when it is waited for. */
    private record Search(long node, long untilNanos) {}

    private int removals;

    /** Before a name is taken away. */
    void beginRemoval() {
        lock.lock();
        try {
            await(() -> !isAnyoneLooking());
            removals++;
        } finally {
            lock.unlock();
        }
    }

    void endRemoval() {
        lock.lock();
        try {
            removals--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Before a caller is told. When this returns, what was being taken away is gone. Returns whether it is worth to
     * look again: not for what it was told of just now, which has no name any more.
     */
    boolean found(int caller, long node) {
        lock.lock();
        try {
            Search last = searches.put(caller, new Search(node, System.nanoTime() + PATIENCE_NANOS));
            if (last != null && last.node() == node) {
                searches.remove(caller);
                changed.signalAll();
                return false;
            }
            await(() -> removals == 0);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The caller has what it looked for. */
    void opened(int caller) {
        lock.lock();
        try {
            if (searches.remove(caller) != null) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isAnyoneLooking() {
        long now = System.nanoTime();
        searches.values().removeIf(search -> search.untilNanos() - now <= 0);
        return !searches.isEmpty();
    }

    /** Not for long. */
    private void await(BooleanSupplier quiet) {
        long patience = PATIENCE_NANOS;
        try {
            while (!quiet.getAsBoolean() && patience > 0) {
                patience = changed.awaitNanos(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
