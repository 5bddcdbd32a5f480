package org.radax.fuse.jnr;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * For callers that are told of a stale name: the kernel looks it up again, but once only. So that it is not stale then,
 * requests that take names away wait for them, not for long. Thread-safe.
 */
final class StaleNames {
    /** A second look-up that comes later is taken for a first one. */
    private static final long MEMORY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** By caller. */
    private final Map<Integer, Search> searches = new HashMap<>();

    /** For what libfuse knew by a number. */
    private record Search(long node, long startNanos) {}

    private final long patienceNanos;
    private int removals;

    /** {@code patienceNanos}: how long anyone waits. */
    StaleNames(long patienceNanos) {
        this.patienceNanos = patienceNanos;
    }

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
            long now = System.nanoTime();
            searches.values().removeIf(search -> now - search.startNanos() > MEMORY_NANOS);
            Search last = searches.put(caller, new Search(node, now));
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
        return searches.values().stream().anyMatch(search -> now - search.startNanos() < patienceNanos);
    }

    /** Not for long. */
    private void await(BooleanSupplier quiet) {
        long patience = patienceNanos;
        try {
            while (!quiet.getAsBoolean() && patience > 0) {
                patience = changed.awaitNanos(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
