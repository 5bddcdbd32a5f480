package org.radax.fuse.locks;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.radax.core.error.Errno;

/**
 * One kind of advisory locks, of all inodes: byte ranges (fcntl, POSIX and OFD), or whole files (flock).
 *
 * <p>A request that must wait is parked here, in arrival order, and costs no thread: whoever lets it through tells its
 * {@link LockWaiter}. An interrupt may overtake the request it means, two server threads having read the two; the
 * numbers of unmatched interrupts are therefore remembered for a while.
 *
 * <p>The protocol does not tell OFD locks from POSIX locks, so both take part in deadlock detection, where Linux
 * leaves OFD locks out.
 */
public final class LockTable {
    /** fcntl's or flock's rules. */
    public enum Kind {
        RANGES,
        WHOLE_FILES
    }

    private record Parked(long ino, long unique, LockRange wanted, LockWaiter waiter) {}

    private static final int REMEMBERED_INTERRUPTS = 1024;

    private final Kind kind;

    @GuardedBy("this")
    private final Map<Long, InodeLocks> inodes = new HashMap<>();

    @GuardedBy("this")
    private final List<Parked> parked = new ArrayList<>();

    @GuardedBy("this")
    private final Deque<Long> earlyInterrupts = new ArrayDeque<>();

    /** False as long as nobody ever locked: lets every close pass without taking the monitor. */
    private volatile boolean used;

    public LockTable(Kind kind) {
        this.kind = kind;
    }

    /** GETLK: a lock that would stand in the way, or null. */
    public synchronized LockRange test(long ino, LockRange wanted) {
        InodeLocks locks = inodes.get(ino);
        return locks == null ? null : locks.conflict(wanted);
    }

    /** Unlocks, or locks without waiting; returns null or EAGAIN. */
    public Errno set(long ino, LockRange wanted) {
        List<Parked> granted;
        Errno result = null;
        synchronized (this) {
            used = true;
            if (wanted.type() == LockType.UNLOCK) {
                change(ino, locks -> locks.remove(wanted.owner(), wanted.start(), wanted.end()));
            } else if (!take(ino, wanted)) {
                result = Errno.EAGAIN;
            }
            // Also after a refusal: flock gave up what it held.
            granted = letThrough();
        }
        tell(granted);
        return result;
    }

    /**
     * Locks, waiting if need be; {@code waiter} is told the outcome, now or later.
     *
     * @param unique the request's number, by which {@link #interrupt} finds it
     */
    public void setAndWait(long ino, LockRange wanted, long unique, LockWaiter waiter) {
        List<Parked> granted;
        Errno result = null;
        boolean waits = false;
        synchronized (this) {
            used = true;
            if (!take(ino, wanted)) {
                if (earlyInterrupts.remove(unique)) {
                    result = Errno.EINTR;
                } else if (kind == Kind.RANGES && wouldDeadlock(ino, wanted)) {
                    result = Errno.EDEADLK;
                } else {
                    parked.add(new Parked(ino, unique, wanted, waiter));
                    waits = true;
                }
            }
            granted = letThrough();
        }
        if (!waits) {
            waiter.done(result);
        }
        tell(granted);
    }

    /** Ends the wait of request {@code unique} with EINTR, also if it has not come yet. */
    public void interrupt(long unique) {
        Parked found = null;
        synchronized (this) {
            for (Iterator<Parked> i = parked.iterator(); i.hasNext() && found == null; ) {
                Parked candidate = i.next();
                if (candidate.unique == unique) {
                    i.remove();
                    found = candidate;
                }
            }
            if (found == null) {
                earlyInterrupts.addLast(unique);
                if (earlyInterrupts.size() > REMEMBERED_INTERRUPTS) {
                    earlyInterrupts.removeFirst();
                }
            }
        }
        if (found != null) {
            found.waiter.done(Errno.EINTR);
        }
    }

    /** Drops what the owner holds on the inode. */
    public void releaseOwner(long ino, long owner) {
        release(ino, locks -> locks.removeOwner(owner));
    }

    /**
     * Drops what was locked through an open file that is gone. That catches OFD locks, whose owner the kernel does
     * not name at release; POSIX locks fell at their process's close before.
     */
    public void releaseHandle(long ino, long handle) {
        release(ino, locks -> locks.removeHandle(handle));
    }

    private void release(long ino, Consumer<InodeLocks> removal) {
        if (!used) {
            return;
        }
        List<Parked> granted;
        synchronized (this) {
            change(ino, removal);
            granted = letThrough();
        }
        tell(granted);
    }

    /** How many requests wait. */
    public synchronized int waiting() {
        return parked.size();
    }

    @GuardedBy("this")
    private boolean take(long ino, LockRange wanted) {
        InodeLocks locks = inodes.computeIfAbsent(ino, key -> new InodeLocks());
        if (kind == Kind.WHOLE_FILES) {
            // flock(2): a conversion first gives up the old lock, and may lose it for good.
            locks.removeOwner(wanted.owner());
        }
        boolean free = locks.conflict(wanted) == null;
        if (free) {
            locks.put(wanted);
        }
        dropIfEmpty(ino, locks);
        return free;
    }

    @GuardedBy("this")
    private void change(long ino, Consumer<InodeLocks> change) {
        InodeLocks locks = inodes.get(ino);
        if (locks != null) {
            change.accept(locks);
            dropIfEmpty(ino, locks);
        }
    }

    @GuardedBy("this")
    private void dropIfEmpty(long ino, InodeLocks locks) {
        if (locks.isEmpty()) {
            inodes.remove(ino);
        }
    }

    /** Grants what can be granted, first come, first served; one grant may be a downgrade that allows another. */
    @GuardedBy("this")
    private List<Parked> letThrough() {
        if (parked.isEmpty()) {
            return List.of();
        }
        List<Parked> granted = new ArrayList<>();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (Iterator<Parked> i = parked.iterator(); i.hasNext(); ) {
                Parked candidate = i.next();
                if (take(candidate.ino, candidate.wanted)) {
                    i.remove();
                    granted.add(candidate);
                    progress = true;
                }
            }
        }
        return granted;
    }

    /** Whether someone in the way waits, directly or through others, for the owner who asks. */
    @GuardedBy("this")
    private boolean wouldDeadlock(long ino, LockRange wanted) {
        Set<Long> seen = new HashSet<>();
        Deque<Long> toVisit = new ArrayDeque<>(ownersInTheWay(ino, wanted));
        while (!toVisit.isEmpty()) {
            long owner = toVisit.removeFirst();
            if (owner == wanted.owner()) {
                return true;
            }
            if (seen.add(owner)) {
                for (Parked other : parked) {
                    if (other.wanted.owner() == owner) {
                        toVisit.addAll(ownersInTheWay(other.ino, other.wanted));
                    }
                }
            }
        }
        return false;
    }

    @GuardedBy("this")
    private List<Long> ownersInTheWay(long ino, LockRange wanted) {
        InodeLocks locks = inodes.get(ino);
        return locks == null ? List.of() : locks.ownersInTheWay(wanted);
    }

    private static void tell(List<Parked> granted) {
        for (Parked request : granted) {
            request.waiter.done(null);
        }
    }
}
