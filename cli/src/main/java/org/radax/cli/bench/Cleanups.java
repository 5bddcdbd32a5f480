package org.radax.cli.bench;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.radax.cli.console.ErrorLines;

/** What must be undone, last first, whether the run ends well, badly, or by a signal. Thread-safe. */
final class Cleanups implements AutoCloseable {
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    @GuardedBy("this")
    private final Deque<Step> steps = new ArrayDeque<>();

    Cleanups() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "radax-bench-cleanup"));
    }

    synchronized void add(Step step) {
        steps.push(step);
    }

    /** Undoes everything added so far. Idempotent; a step that fails does not keep the others from running. */
    @Override
    public synchronized void close() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                System.err.println("radax bench: cleaning up: " + ErrorLines.describe(e));
            }
        }
    }
}
