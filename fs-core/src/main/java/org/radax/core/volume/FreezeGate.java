package org.radax.core.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
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
    private static final long LOOK_MILLIS = 200;

    private final AtomicLong inside = new AtomicLong();
    private volatile boolean frozen;

    /** All is durable, and nothing changes. */
    private volatile boolean atRest;

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
     * @param cancelled asked now and then
     * @throws FsException EINTR if it was
     */
    void enter(BooleanSupplier cancelled) throws FsException {
        while (!tryEnter()) {
            awaitThaw(cancelled);
        }
    }

    private synchronized void awaitThaw(BooleanSupplier cancelled) throws FsException {
        try {
            while (frozen) {
                if (cancelled.getAsBoolean()) {
                    throw new FsException(Errno.EINTR, "change", "the volume is frozen");
                }
                wait(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR, "change", "interrupted while the volume is frozen");
        }
    }

    /**
     * For who makes something durable: enters; false if the volume is at rest, so that all is. Waits for the end of a freeze
     * that is under way, so never inside.
     */
    boolean enterUnlessAtRest() {
        while (!tryEnter()) {
            if (awaitRest()) {
                return false;
            }
        }
        return true;
    }

    private synchronized boolean awaitRest() {
        boolean interrupted = false;
        while (frozen && !atRest) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return frozen;
    }

    /** Whoever closed it has made everything durable. */
    synchronized void rest() {
        atRest = true;
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
        atRest = false;
        notifyAll();
    }
}
