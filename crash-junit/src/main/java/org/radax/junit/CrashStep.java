package org.radax.junit;

/** Part of a crash test. */
@FunctionalInterface
public interface CrashStep<E extends Throwable> {
    void run() throws E;
}
