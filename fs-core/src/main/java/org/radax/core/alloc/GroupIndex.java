package org.radax.core.alloc;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which groups may have something free, so that searches pass by the others, of which a large pool in full use has a
 * hundred thousand. Thread-safe. A group's bits change under its monitor; a search takes none and looks at the groups it
 * is told, so that it may miss what is freed behind its back, as one without an index does.
 */
final class GroupIndex {
    /** What a group may have. */
    enum Kind {
        WHOLE_RUN,
        BROKEN_RUN,
        /** One or the other: a bit of its own, since a search must not come between two. */
        ANYTHING
    }

    private final AtomicLongArray wholeRuns;
    private final AtomicLongArray brokenRuns;
    private final AtomicLongArray anything;

    /** Of groups that have nothing yet. */
    GroupIndex(long groupCount) {
        int words = (int) ((groupCount + Long.SIZE - 1) / Long.SIZE);
        wholeRuns = new AtomicLongArray(words);
        brokenRuns = new AtomicLongArray(words);
        anything = new AtomicLongArray(words);
    }

    private AtomicLongArray bits(Kind kind) {
        return switch (kind) {
            case WHOLE_RUN -> wholeRuns;
            case BROKEN_RUN -> brokenRuns;
            case ANYTHING -> anything;
        };
    }

    void note(long group, boolean hasWholeRun, boolean hasBrokenRun) {
        set(Kind.WHOLE_RUN, group, hasWholeRun);
        set(Kind.BROKEN_RUN, group, hasBrokenRun);
        set(Kind.ANYTHING, group, hasWholeRun || hasBrokenRun);
    }

    private void set(Kind kind, long group, boolean value) {
        AtomicLongArray words = bits(kind);
        int word = (int) (group / Long.SIZE);
        long bit = 1L << group;
        long before = words.get(word);
        while ((before & bit) != 0 != value && !words.compareAndSet(word, before, before ^ bit)) {
            before = words.get(word);
        }
    }

    /** The first group in {@code [from, end)} that may have it; {@code end} if there is none. */
    long next(Kind kind, long from, long end) {
        AtomicLongArray words = bits(kind);
        for (long at = from; at < end; at = (at | Long.SIZE - 1) + 1) {
            long found = words.get((int) (at / Long.SIZE)) >>> at;
            if (found != 0) {
                return Math.min(end, at + Long.numberOfTrailingZeros(found));
            }
        }
        return end;
    }

    /**
     * As {@link #next}, in a ring of {@code count} groups that begins at {@code home}: the least step, at least {@code step},
     * to a group that may have it; {@code count} if there is none.
     */
    long nextStep(Kind kind, long home, long step, long count) {
        long ahead = count - home;
        if (step < ahead) {
            long found = next(kind, home + step, count);
            if (found < count) {
                return found - home;
            }
        }
        return ahead + next(kind, Math.max(0, step - ahead), home);
    }
}
