package org.radax.core.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;
import org.radax.core.crash.Mutations;
import org.radax.core.error.FsException;
import org.radax.core.journal.Journal;

/**
 * Operations on a small volume under the recorder, and the general oracle for every image a crash may leave: the
 * checker finds nothing; it mounts; the tree is the one before or the one after the operation that was cut; afterwards
 * everything can be deleted and the free count is what mkfs left.
 */
final class CrashWorkload implements Mutations.Workload {
    static final long POOL_BYTES = 16L << 20;
    private static final VolumeOptions OPTIONS =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, false);

    /** Later than what set-up does. */
    private static final long START_NANOS = 4_000_000_000L * 1_000_000_000L;

    /** Part of a workload. */
    interface Step {
        void run(TestVolume volume) throws FsException;
    }

    private final String name;
    private final Step setUp;
    private final List<Step> steps;
    private final CrashOptions options;
    private boolean tearable;
    private Journal.RecordFault recordFault;

    // Of the run under way.
    private final List<TreeSnapshot> states = new ArrayList<>();
    private long freeAfterMkfs;
    private long images;

    /** @param steps each atomic on its own; crashed one by one, in order */
    CrashWorkload(String name, Step setUp, CrashOptions options, Step... steps) {
        this.name = name;
        this.setUp = setUp;
        this.options = options;
        this.steps = List.of(steps);
    }

    /** The first step overwrites in place: a crash may tear it within the bytes it writes. */
    CrashWorkload tearable() {
        tearable = true;
        return this;
    }

    /** Journal records to leave out, from the first step on; null for none. */
    void suppressRecords(Journal.RecordFault fault) {
        recordFault = fault;
    }

    Step setUp() {
        return setUp;
    }

    Step operation() {
        return steps.get(0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        states.clear();
        images = 0;
        long base = TestVolume.map(POOL_BYTES);
        try (CrashRecorder recorder = CrashRecorder.of(base, POOL_BYTES)) {
            prepare.accept(recorder);
            try (TestVolume v = new TestVolume(base, POOL_BYTES, recorder, recorder, OPTIONS)) {
                freeAfterMkfs = v.freeBlocks();
                leaveStaleBytes(v);
                setUp.run(v);
                v.volume.core().journal.suppressRecords(recordFault);
                recorder.startTrace();
                Clock.stopAt(START_NANOS);
                states.add(TreeSnapshot.of(v));
                for (int i = 0; i < steps.size(); i++) {
                    // Later than the step before by more than a tick, and within a step no time goes by: how fast the
                    // machine is decides nothing.
                    Clock.stopAt(START_NANOS + i * 1_000_000_000L);
                    recorder.mark("step " + (i + 1));
                    runOnItsOwnThread(steps.get(i), v);
                    states.add(TreeSnapshot.of(v));
                }
                recorder.mark("done");
                CrashTrace trace = recorder.stopTrace();
                try (CrashImages enumerated = CrashImages.of(name, trace, options)) {
                    return enumerated.visit(this::check);
                }
            }
        } finally {
            Clock.stopAt(0);
        }
    }

    /** As any request may come to any server thread: what one has not fenced, none fences for it. */
    static void runOnItsOwnThread(Step step, TestVolume v) throws Exception {
        FutureTask<Void> task = new FutureTask<>(() -> {
            step.run(v);
            return null;
        });
        Thread thread = new Thread(task, "step");
        thread.start();
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception) {
                throw (Exception) e.getCause();
            }
            throw e;
        } finally {
            thread.join();
        }
    }

    /** Free blocks full of an old file's bytes: whoever shows them is found out. */
    private static void leaveStaleBytes(TestVolume v) throws FsException {
        long old = v.create(FileSystem.ROOT_INO, "old");
        byte[] stale = new byte[1 << 20];
        Arrays.fill(stale, (byte) 0xee);
        for (int i = 0; i < 4; i++) {
            v.write(old, (long) i << 20, stale);
        }
        v.unlink(FileSystem.ROOT_INO, "old");
    }

    private void check(CrashImage image) throws Exception {
        CheckReport report = Checker.check(image.memory(), false, line -> {});
        if (!report.findings().isEmpty()) {
            throw new AssertionError("fsck: " + report.findings());
        }
        try (TestVolume v = new TestVolume(image.memory(), OPTIONS)) {
            TreeSnapshot found = TreeSnapshot.of(v);
            int phase = image.point().phase();
            // Phase p: step p is under way. Phase steps + 1: all have returned.
            TreeSnapshot before = states.get(Math.min(Math.max(phase - 1, 0), states.size() - 1));
            TreeSnapshot after = states.get(Math.min(phase, states.size() - 1));
            boolean during = image.point().moment() == CrashPoint.Moment.FENCE;
            List<String> differences = found.differences(before);
            if (!differences.isEmpty() && during) {
                differences =
                        phase == 1 && tearable ? found.differencesIfTorn(before, after) : found.differences(after);
            }
            if (!differences.isEmpty()) {
                throw new AssertionError(
                        "neither the state before nor after" + (during ? "" : " (the step had returned)") + ": "
                                + found.differences(before) + " / " + found.differences(after));
            }
            if (images++ % 16 == 0) {
                deleteEverything(v, FileSystem.ROOT_INO);
                if (v.freeBlocks() != freeAfterMkfs) {
                    throw new AssertionError(v.freeBlocks() + " blocks free after deleting everything, " + freeAfterMkfs
                            + " after mkfs");
                }
            }
        }
        CheckReport after = Checker.check(image.memory(), false, line -> {});
        if (!after.findings().isEmpty()) {
            throw new AssertionError("fsck after mount: " + after.findings());
        }
    }

    static void deleteEverything(TestVolume v, long directory) throws FsException {
        for (String name : v.list(directory, 1000)) {
            long ino = v.lookup(directory, name);
            if (InodeFlags.isDirectory(v.stat(ino).mode)) {
                deleteEverything(v, ino);
                v.rmdir(directory, name);
            } else {
                v.unlink(directory, name);
            }
        }
    }
}
