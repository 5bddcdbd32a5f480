package org.radax.core.alloc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Blocks that somebody may still store to, whoever owns them: a process that has them mapped and did not say that it
 * let go. If they are freed, they are kept back until it is gone. Thread-safe.
 */
final class Quarantine {
    private record Run(long start, long end) {}

    @GuardedBy("this")
    private final Map<Object, List<Run>> byOwner = new HashMap<>();

    /** What anybody holds: the end of each run, by its start. They do not touch. */
    @GuardedBy("this")
    private final NavigableMap<Long, Long> held = new TreeMap<>();

    /** Free, and not given out. */
    @GuardedBy("this")
    private final List<BlockRange> keptBack = new ArrayList<>();

    private volatile boolean empty = true;

    boolean isEmpty() {
        return empty;
    }

    synchronized void hold(Object owner, long start, long count) {
        Run run = new Run(start, start + count);
        byOwner.computeIfAbsent(owner, any -> new ArrayList<>()).add(run);
        add(run);
        empty = false;
    }

    @GuardedBy("this")
    private void add(Run run) {
        long start = run.start;
        long end = run.end;
        Map.Entry<Long, Long> last = held.floorEntry(end);
        while (last != null && last.getValue() >= start) {
            held.remove(last.getKey());
            start = Math.min(start, last.getKey());
            end = Math.max(end, last.getValue());
            last = held.floorEntry(end);
        }
        held.put(start, end);
    }

    /** Of a range that was freed, what nobody holds; the rest is kept back. */
    synchronized List<BlockRange> sift(long start, long count) {
        List<BlockRange> free = new ArrayList<>();
        long end = start + count;
        for (long at = start; at < end; ) {
            Map.Entry<Long, Long> run = held.floorEntry(at);
            boolean isHeld = run != null && at < run.getValue();
            Long change = isHeld ? run.getValue() : held.higherKey(at);
            long until = change == null ? end : Math.min(change, end);
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
        byOwner.remove(owner);
        held.clear();
        byOwner.values().forEach(runs -> runs.forEach(this::add));
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
