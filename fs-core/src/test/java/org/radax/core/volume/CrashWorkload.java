package org.radax.core.volume;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashTrace;
import org.radax.core.error.FsException;
import org.radax.core.journal.Journal;
import org.radax.core.os.LibC;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;

/** Operations on a copy of a prepared pool under the recorder, one after another, and the general oracle. */
class CrashWorkload implements ReplayableWorkload {
    /** Held while a volume is recorded: the clock is one for all. */
    static final Object RECORDING = new Object();

    static final long POOL_BYTES = PreparedPool.BYTES;

    /** Part of a workload. */
    interface Step {
        void run(TestVolume volume) throws FsException;
    }

    private final String name;
    private final PreparedPool pool;
    private final VolumeOptions volumeOptions;
    private final CrashOptions options;
    private final List<CrashOperation> operations;
    private int recoveryDepth;
    private Journal.RecordFault recordFault;

    // Of the run under way.
    private CrashPromises promises;
    private Map<Long, List<byte[]>> unsynced;

    /** @param operations each crashed in turn; one that fails changes nothing */
    CrashWorkload(
            String name,
            PreparedPool pool,
            VolumeOptions volumeOptions,
            CrashOptions options,
            List<CrashOperation> operations) {
        this.name = name;
        this.pool = pool;
        this.volumeOptions = volumeOptions;
        this.options = options;
        this.operations = operations;
    }

    /** Journal records to leave out, from the first operation on; null for none. */
    void suppressRecords(Journal.RecordFault fault) {
        recordFault = fault;
    }

    /** Crashes recoveries too, so many deep. */
    CrashWorkload crashingRecovery(int depth) {
        recoveryDepth = depth;
        return this;
    }

    Step operation() {
        return operations.get(0).step();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public <T> T recorded(Consumer<CrashRecorder> prepare, Use<T> use) throws Exception {
        CrashRecorder recorder = null;
        try {
            CrashTrace trace;
            CrashOracle oracle;
            synchronized (RECORDING) {
                long base = pool.copy();
                try {
                    recorder = CrashRecorder.of(base, POOL_BYTES);
                    prepare.accept(recorder);
                    PoolMemory memory = new PoolMemory(base, POOL_BYTES, domainOver(recorder), recorder);
                    trace = record(recorder, memory);
                } finally {
                    LibC.INSTANCE.munmap(base, POOL_BYTES);
                }
                oracle = new CrashOracle(promises, volumeOptions, pool.freeAfterMkfs()).crashingRecovery(recoveryDepth);
            }
            try (CrashImages images = CrashImages.of(name, trace, options)) {
                return use.with(images, oracle);
            }
        } finally {
            if (recorder != null) {
                recorder.close();
            }
        }
    }

    /** For workloads whose persistence domain does something wrong. */
    PersistenceDomain domainOver(CrashRecorder recorder) {
        return recorder;
    }

    private CrashTrace record(CrashRecorder recorder, PoolMemory memory) throws Exception {
        promises = new CrashPromises();
        unsynced = new HashMap<>();
        try (TestVolume v = new TestVolume(memory, volumeOptions)) {
            v.volume.core().journal.suppressRecords(recordFault);
            recorder.startTrace();
            TreeSnapshot before = TreeSnapshot.of(v);
            for (int i = 0; i < operations.size(); i++) {
                // Later than the one before by more than a tick, and within it no time goes by: how fast the machine is
                // decides nothing.
                Clock.stopAt(PreparedPool.START_NANOS + i * 1_000_000_000L);
                recorder.mark(operations.get(i).name());
                before = run(operations.get(i), i == 0, v, before);
            }
            recorder.mark("done");
            promises.add(promise(before), promise(before));
            return recorder.stopTrace();
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
        if (operation.effect() == CrashOperation.Effect.STORES && volumeOptions.lazyWriteback() && !failed) {
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
