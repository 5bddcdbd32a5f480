package org.radax.core.check;

/** Told how far a check is, by its own thread. */
@FunctionalInterface
public interface CheckProgress {
    /** Something was mended, or could not be, in one line. */
    void line(String line);

    /** Of the look at the pool that is under way, {@code done} of {@code whole} parts are done; a repair looks again. */
    default void done(long done, long whole) {}
}
