package org.radax.core.dax;

import java.util.concurrent.atomic.AtomicReference;
import org.radax.core.error.Errno;

/**
 * The last error of a file's writeback, told once to each open handle that was there when it happened, and to the next
 * one if nobody was (the kernel's {@code errseq_t}). Thread-safe.
 */
public final class ErrorSequence {
    private record State(long number, Errno errno, boolean seen) {}

    private final AtomicReference<State> state = new AtomicReference<>(new State(0, null, true));

    public void record(Errno errno) {
        state.updateAndGet(now -> new State(now.number + 1, errno, false));
    }

    /** Where a handle begins that is being opened: an error that nobody was told is yet to be told to it. */
    public long sample() {
        State now = state.get();
        return now.seen ? now.number : now.number - 1;
    }

    /** The error since {@code since}, or null. Has been told by then. */
    public Errno checkSince(long since) {
        State now = state.updateAndGet(s -> s.number > since ? new State(s.number, s.errno, true) : s);
        return now.number > since ? now.errno : null;
    }

    /** What to pass the next time, once {@link #checkSince} was asked. */
    public long now() {
        return state.get().number;
    }
}
