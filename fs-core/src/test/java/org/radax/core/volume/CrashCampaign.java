package org.radax.core.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.radax.core.crash.CrashSummary;

/**
 * Runs the workloads of a part one after another, on several threads, until all are done, time is up, or too much was
 * found. Says what it found at once.
 */
final class CrashCampaign {
    private static final int MAX_FOUND = 4;
    private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final String part;
    private final int count;
    private final int stride;
    private final IntFunction<RecordedWorkload> workloads;
    private final CrashProgress progress;
    private final long deadlineNanos;

    private final List<String> found = new ArrayList<>();
    private final BitSet done = new BitSet();
    private int next;
    private long images;
    private long recoveryImages;
    private long savedNanos = System.nanoTime();
    private Throwable broken;

    /**
     * @param stride every so many of {@code count} workloads, 1: all
     * @param deadlineNanos as {@link System#nanoTime} tells it
     */
    CrashCampaign(
            String part,
            int count,
            int stride,
            IntFunction<RecordedWorkload> workloads,
            CrashProgress progress,
            long deadlineNanos) {
        this.part = part;
        this.count = count;
        this.stride = stride;
        this.workloads = workloads;
        this.progress = progress;
        this.deadlineNanos = deadlineNanos;
        this.next = (int) progress.position(part);
        this.images = progress.images(part);
        done.set(0, next);
    }

    /** AssertionError with what was found, each with what shows it again. */
    void run(int threads) throws Exception {
        long start = System.nanoTime();
        long before = images;
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(this::work, part + " " + i);
            thread.start();
            running.add(thread);
        }
        for (Thread thread : running) {
            thread.join();
        }
        report(images - before, System.nanoTime() - start);
        if (broken != null) {
            throw new IllegalStateException(part, broken);
        }
        if (!found.isEmpty()) {
            throw new AssertionError(String.join("\n", found));
        }
    }

    private void report(long fresh, long nanos) throws IOException {
        int reached = done.nextClearBit(0);
        String where = stride > 1 ? "every " + stride + "th of " + count : Math.min(reached, count) + " of " + count;
        if (stride == 1) {
            progress.reached(part, reached, images);
            progress.save();
        }
        System.out.printf(
                "%s: %s, %d crash images%s, %d in this run (%d a second), %d distinct of all parts, %d violations%n",
                part,
                where,
                images,
                recoveryImages == 0 ? "" : " and " + recoveryImages + " of crashes in recovery",
                fresh,
                (fresh + recoveryImages) * 1_000_000_000L / Math.max(1, nanos),
                progress.distinct().size(),
                found.size());
    }

    private void work() {
        try {
            for (int index = take(); index >= 0; index = take()) {
                finish(index, run(workloads.apply(index)));
            }
        } catch (Exception | Error e) {
            stop(e);
        }
    }

    private synchronized int take() {
        boolean over = broken != null || found.size() >= MAX_FOUND || System.nanoTime() - deadlineNanos > 0;
        if (over || next >= count) {
            return -1;
        }
        int index = next;
        next += stride;
        return index;
    }

    private synchronized void stop(Throwable cause) {
        System.out.println(part + ": broken off, " + cause);
        broken = cause;
    }

    private CrashSummary run(RecordedWorkload workload) throws Exception {
        try {
            return workload.recorded(recorder -> {}, (images, oracle) -> {
                CrashSummary summary = images.visit(image -> {
                    progress.distinct().add(image.hash());
                    oracle.visit(image);
                });
                addRecoveryImages(oracle.recoveryImages());
                return summary;
            });
        } catch (AssertionError e) {
            add(workload.name() + ", without a crash: " + e.getMessage());
            return new CrashSummary(workload.name(), 0, 0, 0, 0, List.of());
        }
    }

    private synchronized void add(String what) {
        System.out.println(what);
        found.add(what);
    }

    private synchronized void addRecoveryImages(long more) {
        recoveryImages += more;
    }

    private synchronized void finish(int index, CrashSummary summary) throws IOException {
        done.set(index);
        images += summary.images();
        if (!summary.violations().isEmpty()) {
            add(summary + "\n" + CrashReplay.describe(summary.violations().get(0)));
        }
        if (stride == 1 && System.nanoTime() - savedNanos > SAVE_NANOS) {
            savedNanos = System.nanoTime();
            progress.reached(part, done.nextClearBit(0), images);
            progress.save();
            System.out.printf(
                    "%s: %d of %d, %d distinct images%n",
                    part, done.nextClearBit(0), count, progress.distinct().size());
        }
    }
}
