package org.radax.core.dax;

/**
 * A bug of the kernel's history that a test puts back, by one line each, to see that the race is found (docs/RACES.md).
 */
public enum RaceSwitch {
    /** The order this code has. */
    NONE,
    /** D06: the DIRTY tag is cleared before the page is write-protected. */
    CLEAR_BEFORE_PROTECT,
    /** D06: lines are written back before the page is write-protected. */
    FLUSH_BEFORE_PROTECT,
    /** D02: a store to a mapped page tags an entry without its lock. */
    TAG_WITHOUT_LOCK,
    /** A sync that finds a page clean does not wait for the fence of who wrote it back. */
    FENCE_NOT_AWAITED,
    /** D09: who locks an entry does not wait for who has it locked. */
    LOCK_WITHOUT_WAITING,
    /** D11: who was woken and takes no lock keeps the wake-up to itself. */
    WAKE_KEPT,
    /** D12: an entry replaced by one of another size leaves its waiters asleep. */
    REPLACE_WITHOUT_WAKE,
    /** D15: an entry is deleted without waiting for its lock. */
    DELETE_BEFORE_WAIT,
    /** D16: a hole is filled without its entry's lock. */
    FILL_WITHOUT_LOCK,
    /** D30: blocks are freed before their pages are idle. */
    FREE_BEFORE_IDLE,
    /** D31: the search for busy pages ends where nothing is mapped. */
    BUSY_SCAN_STOPS,
    /** D32, D33: faults are not locked out while pages are taken away, or a file is switched. */
    FAULTS_NOT_LOCKED_OUT
}
