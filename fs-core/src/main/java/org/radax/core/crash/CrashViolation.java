package org.radax.core.crash;

/**
 * An image that the oracle refused.
 *
 * @param choice as {@link CrashImages#replay} takes it
 * @param lines what was kept and lost
 */
public record CrashViolation(
        String workload, int pointNumber, String pointLabel, String choice, String lines, long seed, Throwable cause) {
    /** What makes the image again: as {@link CrashImage#token} says. */
    public String token() {
        return CrashImage.token(workload, pointNumber, choice);
    }

    @Override
    public String toString() {
        return workload + ": crash point " + pointNumber + " (" + pointLabel + "), choice " + choice + ", seed " + seed
                + ": " + cause + "\n  pending lines: " + lines + "\n  token: " + token();
    }
}
