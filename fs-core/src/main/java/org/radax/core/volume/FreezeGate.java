package org.radax.core.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.AtomicLong;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/**
 * Where changes wait while a volume is frozen ({@code sb_start_write}, {@code sb_wait_write} of the kernel). Thread-safe;
 * passing it allocates nothing.
 *
 * <p>It comes before all locks: who is inside may wait for any of them, who waits here holds none. Inside, the gate is not
 * waited at again; {@link #tryEnter} can be, and may fail because somebody is about to freeze.
 */
final class FreezeGate {
    private final AtomicLong inside = new AtomicLong();
    private volatile boolean frozen;

    boolean isFrozen() {
        return frozen;
    }

    /** Enters; false while it is closed. Each success wants an {@link #exit}. */
    boolean tryEnter() {
        // First in, then a look: who closes does it the other way round, and one of the two sees the other.
        inside.incrementAndGet();
        if (!frozen) {
            return true;
        }
        exit();
        return false;
    }

    /**
     * Enters, however long it takes.
     *
     * @throws FsException EINTR if the wait was cancelled
     */
    void enter(ChangeWait wait) throws FsException {
        while (!tryEnter()) {
            awaitThaw(wait);
        }
    }

    private synchronized void awaitThaw(ChangeWait wait) throws FsException {
        boolean interrupted = false;
        while (frozen && !wait.isCancelled()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (wait.isCancelled()) {
            throw new FsException(Errno.EINTR, "change", "the volume is frozen");
        }
    }

    synchronized void cancel(ChangeWait wait) {
        wait.cancel();
        notifyAll();
    }

    void exit() {
        if (inside.decrementAndGet() == 0 && frozen) {
            wakeCloser();
        }
    }

    private synchronized void wakeCloser() {
        notifyAll();
    }

    /**
     * Closes the gate and waits until nobody is inside.
     *
     * @throws FsException EBUSY if it is closed already
     */
    synchronized void close() throws FsException {
        if (frozen) {
            throw new FsException(Errno.EBUSY, "freeze", "the volume is frozen already");
        }
        frozen = true;
        awaitEmpty();
    }

    @GuardedBy("this")
    private void awaitEmpty() throws FsException {
        while (inside.get() > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                open();
                Thread.currentThread().interrupt();
                throw new FsException(Errno.EINTR, "freeze", "interrupted");
            }
        }
    }

    /** Lets in who waits. */
    synchronized void open() {
        frozen = false;
        notifyAll();
    }
}
