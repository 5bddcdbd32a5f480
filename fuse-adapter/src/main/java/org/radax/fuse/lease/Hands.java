package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.radax.core.error.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes the system calls on a client's memory, files and sockets. A client can hold up any of them for as
 * long as it likes: each takes a lock of the kernel's that a call of its own may hold (its address space's, its memfd's),
 * and closes what comes with an answer. So nobody makes them who has a lock that others wait for. Who has none may do it
 * {@linkplain #performHere itself}, in turn with the thread.
 */
final class Hands {
    private static final Logger LOG = LoggerFactory.getLogger(Hands.class);

    /** Something to do, in the order of asking. */
    @FunctionalInterface
    interface Work {
        void run() throws FsException;
    }

    private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();

    /** Held by who makes them now. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Thread thread;
    private volatile boolean ended;

    Hands(String name) {
        thread = new Thread(this::work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static final class Task {
        private final Work work;

        @GuardedBy("this")
        private boolean done;

        @GuardedBy("this")
        private FsException failure;

        @GuardedBy("this")
        private Throwable accident;

        Task(Work work) {
            this.work = work;
        }

        void perform() {
            FsException failed = null;
            Throwable broken = null;
            try {
                work.run();
            } catch (FsException e) {
                failed = e;
            } catch (RuntimeException | Error e) {
                broken = e;
            }
            synchronized (this) {
                done = true;
                failure = failed;
                accident = broken;
                notifyAll();
            }
        }

        /** False if it is not done in time. */
        synchronized boolean await(long nanos) throws FsException {
            long deadline = System.nanoTime() + nanos;
            boolean interrupted = false;
            for (long left = nanos; !done && left > 0; left = deadline - System.nanoTime()) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (failure != null) {
                throw failure;
            }
            if (accident != null) {
                throw new IllegalStateException("while a client was served", accident);
            }
            return done;
        }
    }

    /** False if it was not done within some time: it may be done later. */
    boolean perform(Work work, long nanos) throws FsException {
        Task task = new Task(work);
        tasks.add(task);
        return task.await(nanos);
    }

    /**
     * Done by the caller itself, for whom nobody waits but the client: without the way to another thread and back, and
     * however long it takes.
     */
    void performHere(Work work) throws FsException {
        turn.lock();
        try {
            work.run();
        } finally {
            turn.unlock();
        }
    }

    /** Done some time; what fails is not told. */
    void later(Work work) {
        tasks.add(new Task(work));
    }

    /** The last thing to be done; nobody asks for anything any more. Returns when it is done, however long that takes. */
    void end(Work last) {
        tasks.add(new Task(() -> {
            ended = true;
            last.run();
        }));
        boolean gone = false;
        while (!gone) {
            try {
                thread.join();
                gone = true;
            } catch (InterruptedException e) {
                LOG.debug("the end of a client's thread is awaited", e);
            }
        }
    }

    private void work() {
        while (!ended) {
            try {
                Task task = tasks.take();
                turn.lock();
                try {
                    task.perform();
                } finally {
                    turn.unlock();
                }
            } catch (InterruptedException e) {
                LOG.debug("nobody interrupts this thread", e);
            }
        }
    }
}
