package org.radax.junit;

/** Recovers what a crash left, and asserts that it keeps what was promised: whatever it throws says that it does not. */
@FunctionalInterface
public interface CrashCheck {
    void check(CrashedPool pool) throws Exception;
}
