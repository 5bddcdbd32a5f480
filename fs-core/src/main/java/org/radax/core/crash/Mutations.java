package org.radax.core.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Takes away the write-backs, the fences or the records of one place in the code after another, and asks whether a workload's
 * oracle notices. A place that nothing catches is not tested, or not needed.
 */
public final class Mutations {
    /** A workload and its oracle, from a fresh pool to the summary. */
    public interface Workload {
        String name();

        /**
         * Runs it once.
         *
         * @param prepare to be given every recorder that the workload makes, before it is used
         */
        CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception;
    }

    /**
     * One place.
     *
     * @param exercised calls over all workloads, without a fault
     * @param caughtBy the first workload that noticed; null if none did
     */
    public record Row(CallSite site, long exercised, String caughtBy) {
        public boolean isCaught() {
            return caughtBy != null;
        }
    }

    private Mutations() {}

    /**
     * Runs the workloads as they are, then once per place.
     *
     * @throws AssertionError when a workload fails without a fault
     */
    public static List<Row> run(List<Workload> workloads) throws Exception {
        List<Map<CallSite, Long>> exercised = new ArrayList<>();
        Map<CallSite, Long> total = new TreeMap<>();
        for (Workload workload : workloads) {
            Map<CallSite, Long> sites = sites(workload);
            exercised.add(sites);
            sites.forEach((site, count) -> total.merge(site, count, Long::sum));
        }
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<CallSite, Long> site : total.entrySet()) {
            rows.add(new Row(site.getKey(), site.getValue(), firstToCatch(site.getKey(), workloads, exercised)));
        }
        return rows;
    }

    private static Map<CallSite, Long> sites(Workload workload) throws Exception {
        List<CrashRecorder> recorders = new ArrayList<>();
        workload.run(recorders::add).assertNoViolations();
        Map<CallSite, Long> sites = new TreeMap<>();
        for (CrashRecorder recorder : recorders) {
            recorder.siteCounts().forEach((site, count) -> sites.merge(site, count, Long::sum));
        }
        return sites;
    }

    private static String firstToCatch(CallSite site, List<Workload> workloads, List<Map<CallSite, Long>> exercised) {
        for (int i = 0; i < workloads.size(); i++) {
            if (exercised.get(i).containsKey(site)) {
                if (isCaught(site, workloads.get(i))) {
                    return workloads.get(i).name();
                }
            }
        }
        return null;
    }

    /** A workload that breaks under the fault has noticed it, whatever it throws. */
    private static boolean isCaught(CallSite site, Workload workload) {
        try {
            return !workload.run(recorder -> recorder.suppressSite(site))
                    .violations()
                    .isEmpty();
        } catch (Exception | AssertionError | InternalError e) {
            return true;
        }
    }

    /** One line per place, the uncaught ones marked. */
    public static String report(List<Row> rows) {
        StringBuilder report = new StringBuilder();
        for (Row row : rows) {
            report.append(row.isCaught() ? "caught   " : "UNCAUGHT ")
                    .append(row.exercised())
                    .append(" x ")
                    .append(row.site())
                    .append(row.isCaught() ? " by " + row.caughtBy() : "")
                    .append('\n');
        }
        return report.toString();
    }
}
