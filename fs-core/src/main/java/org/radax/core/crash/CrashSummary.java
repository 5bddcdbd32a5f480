package org.radax.core.crash;

import java.util.List;

/**
 * What an enumeration did and found.
 *
 * @param exhaustivePoints points of which every legal image was visited
 * @param duplicates images left out because the same one was visited before in the same phase
 */
public record CrashSummary(
        String workload,
        long points,
        long exhaustivePoints,
        long images,
        long duplicates,
        List<CrashViolation> violations) {
    /** AssertionError with every violation, if there is one. */
    public void assertNoViolations() {
        if (!violations.isEmpty()) {
            StringBuilder message = new StringBuilder(this.toString());
            violations.forEach(violation -> message.append('\n').append(violation));
            throw new AssertionError(message.toString(), violations.get(0).cause());
        }
    }

    @Override
    public String toString() {
        return workload + ": " + images + " images at " + points + " crash points (" + exhaustivePoints
                + " exhaustively), " + duplicates + " duplicates, " + violations.size() + " violations";
    }
}
