package org.radax.core.scrub;

/** Told how far a scrub is, by its own thread, after each step: it holds no lock then. */
@FunctionalInterface
public interface ScrubProgress {
    /**
     * {@code done} of {@code whole} blocks in use were passed, and {@code found} findings made.
     *
     * @return whether to go on
     */
    boolean passed(long done, long whole, long found);
}
