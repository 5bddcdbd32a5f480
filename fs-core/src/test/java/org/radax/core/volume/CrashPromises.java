package org.radax.core.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.radax.core.crash.CrashPoint;

/** What a crash may leave, by the phase of the recording that it comes in: one for each mark, in order. */
final class CrashPromises {
    /**
     * What may be seen after a crash: one of these states.
     *
     * @param torn each byte of a file may come from another of them, as an overwrite in place leaves it
     * @param unsynced by inode, contents since its last sync: what was stored through a mapping may be there or not
     */
    record Promise(List<TreeSnapshot> states, boolean torn, Map<Long, List<byte[]>> unsynced) {
        static Promise of(TreeSnapshot state) {
            return new Promise(List.of(state), false, Map.of());
        }

        /** What is wrong with a state that was found; empty if it is promised. */
        List<String> differences(TreeSnapshot found) {
            List<String> all = new ArrayList<>();
            for (TreeSnapshot state : states) {
                List<String> differences = found.differences(state, unsynced);
                if (differences.isEmpty()) {
                    return differences;
                }
                all.add(differences.toString());
            }
            return torn ? found.differencesIfTorn(states, unsynced) : all;
        }
    }

    private final List<Promise> atMark = new ArrayList<>();
    private final List<Promise> during = new ArrayList<>();

    /** The next phase: what holds when it begins, and until the next one does. */
    void add(Promise whenItBegins, Promise untilTheNext) {
        atMark.add(whenItBegins);
        during.add(untilTheNext);
    }

    /** The phases of a point count from 1, which is the first mark. */
    Promise at(CrashPoint point) {
        int phase = point.phase() - 1;
        return point.moment() == CrashPoint.Moment.FENCE ? during.get(phase) : atMark.get(phase);
    }
}
