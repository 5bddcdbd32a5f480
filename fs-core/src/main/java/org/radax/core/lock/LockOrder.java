package org.radax.core.lock;

/**
 * The upper part of the tree of docs/LOCKING.md: a thread takes locks below those it holds, never above (D35). To be
 * called in {@code assert}, before the lock is waited for: nothing in production, and every test is a test of the order.
 */
public enum LockOrder {
    /** Several, in stripe order ({@code LockSet}). */
    INODE(0),
    /** The lock-out of faults. */
    FAULTS(1),
    HARVESTING(2),
    ENTRY(3),
    /** From its begin to its end. */
    TRANSACTION(4);

    private static final LockOrder[] ALL = values();
    private static final ThreadLocal<int[]> HELD = ThreadLocal.withInitial(() -> new int[ALL.length]);

    private final int level;

    LockOrder(int level) {
        this.level = level;
    }

    /**
     * This thread may wait for the lock.
     *
     * @return true
     * @throws AssertionError if it holds one below it, or this one
     */
    public boolean isNext() {
        int[] held = HELD.get();
        for (LockOrder other : ALL) {
            if (held[other.level] > 0 && (other.level > level || (other == this && this != INODE))) {
                throw new AssertionError(this + " is waited for with " + other + " held (docs/LOCKING.md)");
            }
        }
        return true;
    }

    /** This thread takes the lock; as {@link #isNext}. */
    public boolean take() {
        return isNext() && takeAtOnce();
    }

    /** As {@link #take}, without waiting, so in any order. */
    public boolean takeAtOnce() {
        HELD.get()[level]++;
        return true;
    }

    /** This thread lets the lock go; true. */
    public boolean letGo() {
        int[] held = HELD.get();
        if (held[level] == 0) {
            throw new AssertionError(this + " is let go and not held");
        }
        held[level]--;
        return true;
    }

    /** For a test that stops a thread wherever it is: it holds nothing. */
    public static void forget() {
        HELD.remove();
    }
}
