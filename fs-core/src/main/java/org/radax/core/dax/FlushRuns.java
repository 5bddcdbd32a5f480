package org.radax.core.dax;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The write-backs of a file that no fence has ended yet. A page whose lines were written back is clean at once, and durable
 * with the fence of the thread that did it; so whoever finds pages clean waits for the runs that are under way (D08).
 * Thread-safe.
 */
public final class FlushRuns {
    private final Threading threading;
    private final RaceSwitch race;
    private final Set<Run> underWay = new LinkedHashSet<>();

    /** One thread's write-backs up to their fence. */
    public static final class Run {
        private final List<Threading.Parking> waiting = new ArrayList<>(0);

        private Run() {}
    }

    FlushRuns(Threading threading, RaceSwitch race) {
        this.threading = threading;
        this.race = race;
    }

    public Run begin() {
        Run run = new Run();
        synchronized (underWay) {
            underWay.add(run);
        }
        return run;
    }

    /** After the run's fence. */
    public void end(Run run) {
        synchronized (underWay) {
            underWay.remove(run);
            run.waiting.forEach(Threading.Parking::end);
        }
        threading.step();
    }

    /** Waits for the end of all that are under way. The caller has no run of its own. */
    public void await() {
        List<Threading.Parking> ends = new ArrayList<>();
        synchronized (underWay) {
            for (Run run : race == RaceSwitch.FENCE_NOT_AWAITED ? List.<Run>of() : underWay) {
                Threading.Parking parking = threading.parking();
                run.waiting.add(parking);
                ends.add(parking);
            }
        }
        for (Threading.Parking end : ends) {
            Waits.count();
            end.await();
        }
    }
}
