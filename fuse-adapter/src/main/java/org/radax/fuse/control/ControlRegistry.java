package org.radax.fuse.control;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The verbs a mount answers. Thread-safe. */
public final class ControlRegistry {
    /** Who may use a verb. */
    public enum Access {
        /** Whoever can connect. */
        ANYONE,
        /** Root and the mount's owner: everything that changes something. */
        OWNER
    }

    record Entry(Access access, StreamingHandler handler) {}

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /** Adds a verb; a second registration of one verb is a programming error. */
    public ControlRegistry register(String verb, Access access, ControlHandler handler) {
        return register(verb, access, (arguments, progress) -> handler.handle(arguments));
    }

    /** As above, for a verb that takes long. */
    public ControlRegistry register(String verb, Access access, StreamingHandler handler) {
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
}
