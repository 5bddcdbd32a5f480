package org.radax.core.dax;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * How the threads of this package exclude and await one another: the JVM's way, or, in a test, one that runs them in a
 * chosen order, a step at a time. Threads take turns at {@link #step} and wherever they lock, park, or unpark.
 */
public abstract class Threading {
    /** The JVM's locks. */
    public static final Threading NATIVE = new Native();

    /** Mutual exclusion; not reentrant for what it is used for. */
    public interface Mutex {
        void lock();

        void unlock();
    }

    /** Many readers or one writer. */
    public interface SharedMutex {
        void lockShared();

        void unlockShared();

        void lockExclusive();

        void unlockExclusive();
    }

    /** A place for one thread to wait in, until another ends the wait, be it before or after it began. */
    public interface Parking {
        void await();

        void end();
    }

    public abstract Mutex mutex();

    public abstract SharedMutex sharedMutex();

    public abstract Parking parking();

    /** A moment at which other threads may come in between. */
    public abstract void step();

    private static final class Native extends Threading {
        @Override
        public Mutex mutex() {
            return new NativeMutex();
        }

        @Override
        public SharedMutex sharedMutex() {
            return new NativeSharedMutex();
        }

        @Override
        public Parking parking() {
            return new NativeParking();
        }

        @Override
        public void step() {
            // Other threads come in between by themselves.
        }
    }

    private static final class NativeMutex extends ReentrantLock implements Mutex {
        private static final long serialVersionUID = 1;
    }

    private static final class NativeSharedMutex implements SharedMutex {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

        @Override
        public void lockShared() {
            lock.readLock().lock();
        }

        @Override
        public void unlockShared() {
            lock.readLock().unlock();
        }

        @Override
        public void lockExclusive() {
            lock.writeLock().lock();
        }

        @Override
        public void unlockExclusive() {
            lock.writeLock().unlock();
        }
    }

    private static final class NativeParking implements Parking {
        private final Thread thread = Thread.currentThread();
        private volatile boolean ended;

        @Override
        public void await() {
            while (!ended) {
                LockSupport.park(this);
            }
        }

        @Override
        public void end() {
            ended = true;
            LockSupport.unpark(thread);
        }
    }
}
