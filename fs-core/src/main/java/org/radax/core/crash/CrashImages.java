package org.radax.core.crash;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the legal pool images of a trace, each once, and shows them to an oracle. One thread. */
public final class CrashImages implements AutoCloseable {
    private final String workload;
    private final CrashTrace trace;
    private final CrashOptions options;
    private final ImageMemory memory;
    private final boolean ownsMemory;

    private CrashImages(
            String workload, CrashTrace trace, CrashOptions options, ImageMemory memory, boolean ownsMemory) {
        this.workload = workload;
        this.trace = trace;
        this.options = options;
        this.memory = memory;
        this.ownsMemory = ownsMemory;
    }

    /**
     * The images of a trace, to be closed.
     *
     * @param workload named in reports
     */
    public static CrashImages of(String workload, CrashTrace trace, CrashOptions options) {
        return new CrashImages(workload, trace, options, new ImageMemory(trace.base()), true);
    }

    static CrashImages borrowing(String workload, CrashTrace trace, CrashOptions options, ImageMemory memory) {
        return new CrashImages(workload, trace, options, memory, false);
    }

    /** Visits the images of every point until there are {@link CrashOptions#maxViolations}. */
    public CrashSummary visit(CrashVisitor visitor) {
        Visit visit = new Visit(visitor);
        for (CrashPoint point : trace.points()) {
            visit.point(point);
        }
        return visit.summary();
    }

    /**
     * Makes one image again and shows it.
     *
     * @param choice as a violation names it
     */
    public void replay(int pointNumber, String choice, CrashVisitor visitor) throws Exception {
        CrashPoint point = trace.points().get(pointNumber);
        CrashChoice parsed = CrashChoice.parse(choice, point);
        memory.moveTo(trace, pointNumber);
        memory.become(parsed);
        ImageHash hash = new ImageHash();
        hash.start(trace);
        trace.points().subList(0, pointNumber + 1).forEach(hash::advance);
        visitor.visit(new CrashImage(memory, workload, point, parsed, hash.of(parsed)));
    }

    @Override
    public void close() {
        if (ownsMemory) {
            memory.close();
        }
    }

    /** One run over all points: what was seen, and what was found. */
    private final class Visit {
        private final CrashVisitor visitor;
        private final Map<CrashPoint.Moment, Set<Long>> seen = new EnumMap<>(CrashPoint.Moment.class);
        private final List<CrashViolation> violations = new ArrayList<>();
        private final ImageHash hash = new ImageHash();
        private int phase = -1;
        private long points;
        private long exhaustivePoints;
        private long images;
        private long duplicates;

        Visit(CrashVisitor visitor) {
            this.visitor = visitor;
            hash.start(trace);
        }

        void point(CrashPoint point) {
            hash.advance(point);
            if (violations.size() >= options.maxViolations()) {
                return;
            }
            if (point.phase() != phase) {
                // What an oracle expects differs by phase and moment, so the same image counts again.
                phase = point.phase();
                seen.clear();
            }
            points++;
            memory.moveTo(trace, point.number());
            ChoiceEnumerator choices = new ChoiceEnumerator(point, options);
            exhaustivePoints += choices.isExhaustive() ? 1 : 0;
            choices.forEach(choice -> image(point, choice));
        }

        private boolean image(CrashPoint point, CrashChoice choice) {
            Set<Long> seenHere = seen.computeIfAbsent(point.moment(), moment -> new HashSet<>());
            long imageHash = hash.of(choice);
            if (!seenHere.add(imageHash)) {
                duplicates++;
                return true;
            }
            images++;
            memory.become(choice);
            CrashImage image = new CrashImage(memory, workload, point, choice, imageHash);
            try {
                visitor.visit(image);
            } catch (Exception | AssertionError | InternalError | StackOverflowError e) {
                violations.add(new CrashViolation(
                        workload,
                        point.number(),
                        point.label(),
                        choice.toString(),
                        choice.describe(),
                        options.seed(),
                        e));
            }
            return violations.size() < options.maxViolations();
        }

        CrashSummary summary() {
            return new CrashSummary(workload, points, exhaustivePoints, images, duplicates, List.copyOf(violations));
        }
    }
}
