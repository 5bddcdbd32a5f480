package org.radax.fuse.locks;

import java.util.ArrayList;
import java.util.List;

/** The locks held on one inode. Not thread-safe: {@link LockTable} guards it. */
final class InodeLocks {
    private final List<LockRange> held = new ArrayList<>();

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** A held lock that stands in the way, or null. */
    LockRange conflict(LockRange wanted) {
        for (LockRange lock : held) {
            if (lock.conflictsWith(wanted)) {
                return lock;
            }
        }
        return null;
    }

    /** The owners of all held locks that stand in the way. */
    List<Long> ownersInTheWay(LockRange wanted) {
        List<Long> owners = new ArrayList<>();
        for (LockRange lock : held) {
            if (lock.conflictsWith(wanted)) {
                owners.add(lock.owner());
            }
        }
        return owners;
    }

    /** Gives the range to its owner, replacing whatever the owner held there; joins neighbours of the same type. */
    void put(LockRange lock) {
        remove(lock.owner(), lock.start(), lock.end());
        long start = lock.start();
        long end = lock.end();
        for (int i = held.size() - 1; i >= 0; i--) {
            LockRange other = held.get(i);
            boolean alike =
                    other.owner() == lock.owner() && other.type() == lock.type() && other.handle() == lock.handle();
            boolean touches = other.end() + 1 == start || (end != Long.MAX_VALUE && end + 1 == other.start());
            if (alike && touches) {
                start = Math.min(start, other.start());
                end = Math.max(end, other.end());
                held.remove(i);
            }
        }
        held.add(lock.withRange(start, end));
    }

    /** Takes [start, end] from the owner, splitting what sticks out. */
    void remove(long owner, long start, long end) {
        List<LockRange> rests = new ArrayList<>();
        held.removeIf(lock -> {
            if (lock.owner() != owner || lock.start() > end || lock.end() < start) {
                return false;
            }
            if (lock.start() < start) {
                rests.add(lock.withRange(lock.start(), start - 1));
            }
            if (lock.end() > end) {
                rests.add(lock.withRange(end + 1, lock.end()));
            }
            return true;
        });
        held.addAll(rests);
    }

    void removeOwner(long owner) {
        held.removeIf(lock -> lock.owner() == owner);
    }

    void removeHandle(long handle) {
        held.removeIf(lock -> lock.handle() == handle);
    }
}
