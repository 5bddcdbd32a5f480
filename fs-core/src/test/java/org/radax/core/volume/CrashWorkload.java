package org.radax.core.volume;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.error.FsException;

/** Operations one after another, each crashed in turn; one that fails changes nothing. */
final class CrashWorkload extends RecordedWorkload {
    /** Part of a workload. */
    interface Step {
        void run(TestVolume volume) throws FsException;
    }

    private final List<CrashOperation> operations;

    // Of the run under way.
    private CrashPromises promises;
    private Map<Long, List<byte[]>> unsynced;

    CrashWorkload(
            String name,
            PreparedPool pool,
            VolumeOptions volumeOptions,
            CrashOptions options,
            List<CrashOperation> operations) {
        super(name, pool, volumeOptions, options);
        this.operations = operations;
    }

    Step operation() {
        return operations.get(0).step();
    }

    @Override
    CrashPromises record(TestVolume v, CrashRecorder recorder) throws Exception {
        promises = new CrashPromises();
        unsynced = new HashMap<>();
        try {
            TreeSnapshot before = TreeSnapshot.of(v);
            for (int i = 0; i < operations.size(); i++) {
                // Later than the one before by more than a tick, and within it no time goes by: how fast the machine is
                // decides nothing.
                StoppedClock.stopAt(PreparedPool.START_NANOS + i * 1_000_000_000L);
                recorder.mark(operations.get(i).name());
                before = run(operations.get(i), i == 0, v, before);
            }
            recorder.mark("done");
            promises.add(promise(before), promise(before));
            return promises;
        } finally {
            // Thousands of workloads are kept, and what each saw of its volume is large.
            promises = null;
            unsynced = null;
        }
    }

    /** Runs one, and says what a crash amid it may leave. */
    private TreeSnapshot run(CrashOperation operation, boolean first, TestVolume v, TreeSnapshot before)
            throws Exception {
        CrashPromises.Promise whenItBegins = promise(before);
        long file = operation.file() == null ? 0 : operation.file().find(v);
        boolean failed = false;
        try {
            runOnItsOwnThread(operation.step(), v);
        } catch (FsException e) {
            failed = true;
        }
        TreeSnapshot after = TreeSnapshot.of(v);
        if (failed && !after.differences(before).isEmpty()) {
            throw new AssertionError(operation.name() + " failed, and changed " + after.differences(before));
        }
        if (operation.effect() == CrashOperation.Effect.STORES
                && volumeOptions().lazyWriteback()
                && !failed) {
            unsynced.putIfAbsent(file, List.of(before.contentOf(file)));
        }
        unsynced.replaceAll((ino, contents) -> {
            List<byte[]> longer = new ArrayList<>(contents);
            longer.add(after.contentOf(ino));
            return longer;
        });
        promises.add(
                whenItBegins,
                new CrashPromises.Promise(List.of(before, after), operation.mayTear(first), Map.copyOf(unsynced)));
        if (operation.effect() == CrashOperation.Effect.SYNCS && !failed) {
            unsynced.remove(file);
        }
        return after;
    }

    private CrashPromises.Promise promise(TreeSnapshot state) {
        return new CrashPromises.Promise(List.of(state), false, Map.copyOf(unsynced));
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
}
