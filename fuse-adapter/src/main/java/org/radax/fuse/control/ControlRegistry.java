package org.radax.fuse.control;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The verbs a mount answers, until it is closed: then only the lasting ones. Thread-safe. */
public final class ControlRegistry implements AutoCloseable {
    private static final long HURRY_MILLIS = 50;

    /** Who may use a verb. */
    public enum Access {
        /** Whoever can connect. */
        ANYONE,
        /** Root and the mount's owner: everything that changes something. */
        OWNER
    }

    record Entry(Access access, StreamingHandler handler) {}

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /** Held shared by each verb that does not last, and exclusively, for good, from {@link #close} on. */
    private final ReadWriteLock serving = new ReentrantReadWriteLock();

    private final Runnable hurry;
    private volatile boolean closing;

    /**
     * @param hurry lets go on what verbs may wait for; called more than once while the registry is closed
     */
    public ControlRegistry(Runnable hurry) {
        this.hurry = hurry;
    }

    /** Adds a verb; a second registration of one verb is a programming error. */
    public ControlRegistry register(String verb, Access access, ControlHandler handler) {
        return registerLasting(verb, access, (arguments, progress) -> {
            if (closing || !serving.readLock().tryLock()) {
                throw new ControlException("ESHUTDOWN", "it is being unmounted");
            }
            try {
                return handler.handle(arguments);
            } finally {
                serving.readLock().unlock();
            }
        });
    }

    /** Adds a verb that is answered to the end: it is no part of it, or has its own way to know of it. */
    public ControlRegistry registerLasting(String verb, Access access, ControlHandler handler) {
        return registerLasting(verb, access, (arguments, progress) -> handler.handle(arguments));
    }

    /** As above, for a verb that takes long. */
    public ControlRegistry registerLasting(String verb, Access access, StreamingHandler handler) {
        if (entries.putIfAbsent(verb, new Entry(access, handler)) != null) {
            throw new IllegalStateException("control verb registered twice: " + verb);
        }
        return this;
    }

    Entry find(String verb) throws ControlException {
        Entry entry = entries.get(verb);
        if (entry == null) {
            throw new ControlException(
                    "EOPNOTSUPP",
                    "unknown verb '" + verb + "'; known: " + String.join(", ", new TreeSet<>(entries.keySet())));
        }
        return entry;
    }

    /** Returns when no verb is under way but lasting ones, and none will be: what the others look at may be taken away. */
    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            hurry.run();
            try {
                ended = serving.writeLock().tryLock(HURRY_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
