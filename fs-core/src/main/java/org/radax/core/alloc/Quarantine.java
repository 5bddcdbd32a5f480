package org.radax.core.alloc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks that somebody may still store to, whoever owns them: a process that has them mapped and did not say that it
 * let go. If they are freed, they are kept back until it is gone. Few and short-lived, so a list will do. Thread-safe.
 */
final class Quarantine {
    private record Held(Object owner, long start, long end) {}

    @GuardedBy("this")
    private final List<Held> held = new ArrayList<>();

    /** Free, and not given out. */
    @GuardedBy("this")
    private final List<BlockRange> keptBack = new ArrayList<>();

    private volatile boolean empty = true;

    boolean isEmpty() {
        return empty;
    }

    synchronized void hold(Object owner, long start, long count) {
        held.add(new Held(owner, start, start + count));
        empty = false;
    }

    /** Of a range that was freed, what nobody holds; the rest is kept back. */
    synchronized List<BlockRange> sift(long start, long count) {
        List<BlockRange> free = new ArrayList<>();
        long end = start + count;
        for (long at = start; at < end; ) {
            long until = end;
            boolean isHeld = false;
            for (Held range : held) {
                if (range.start <= at && at < range.end) {
                    isHeld = true;
                    until = Math.min(range.end, end);
                    break;
                }
                if (range.start > at) {
                    until = Math.min(until, range.start);
                }
            }
            BlockRange piece = new BlockRange();
            piece.start = at;
            piece.count = until - at;
            (isHeld ? keptBack : free).add(piece);
            at = until;
        }
        return free;
    }

    /** The owner holds nothing any more: what was kept back for it alone is free. */
    synchronized List<BlockRange> release(Object owner) {
        held.removeIf(range -> range.owner == owner);
        List<BlockRange> waiting = new ArrayList<>(keptBack);
        keptBack.clear();
        List<BlockRange> free = new ArrayList<>();
        for (BlockRange range : waiting) {
            free.addAll(sift(range.start, range.count));
        }
        empty = held.isEmpty() && keptBack.isEmpty();
        return free;
    }
}
