package org.radax.core.volume;

import java.util.function.Consumer;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;
import org.radax.core.crash.Mutations;
import org.radax.core.os.LibC;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;

/**
 * Something done to a copy of a prepared pool under the recorder, and the general oracle for what a crash leaves. Each run
 * records the same, so that an image can be asked for by its token.
 */
abstract class RecordedWorkload implements Mutations.Workload {
    static final long POOL_BYTES = PreparedPool.BYTES;

    /** What is done with the images of a run, while they are there. */
    interface Use<T> {
        T with(CrashImages images, CrashOracle oracle) throws Exception;
    }

    private final String name;
    private final PreparedPool pool;
    private final VolumeOptions volumeOptions;
    private final CrashOptions options;
    private int recoveryDepth;
    private PlantedBug bug;

    RecordedWorkload(String name, PreparedPool pool, VolumeOptions volumeOptions, CrashOptions options) {
        this.name = name;
        this.pool = pool;
        this.volumeOptions = volumeOptions;
        this.options = options;
    }

    /** Crashes recoveries too, so many deep. */
    RecordedWorkload crashingRecovery(int depth) {
        recoveryDepth = depth;
        return this;
    }

    /** Makes the filesystem wrong; null for none. */
    RecordedWorkload planted(PlantedBug planted) {
        bug = planted;
        return this;
    }

    @Override
    public String name() {
        return bug == null ? name : bug + "!" + name;
    }

    PreparedPool pool() {
        return pool;
    }

    VolumeOptions volumeOptions() {
        return volumeOptions;
    }

    /** Does it, with the clock stopped and a trace begun; says what a crash may leave. */
    abstract CrashPromises record(TestVolume v, CrashRecorder recorder) throws Exception;

    /** What the volume is given for its persistence domain. */
    PersistenceDomain over(PersistenceDomain recorder) {
        return recorder;
    }

    /**
     * Runs and records it once.
     *
     * @param prepare given the recorder before it is used
     */
    <T> T recorded(Consumer<CrashRecorder> prepare, Use<T> use) throws Exception {
        long base = 0;
        CrashRecorder recorder = null;
        try {
            CrashTrace trace;
            CrashPromises promises;
            if (bug != null) {
                bug.plant();
            }
            StoppedClock.startOwnAt(PreparedPool.START_NANOS);
            base = pool.copy();
            recorder = pool.recorder(base);
            prepare.accept(recorder);
            PersistenceDomain domain = over(bug == null ? recorder : bug.over(recorder));
            PoolMemory memory = new PoolMemory(base, POOL_BYTES, domain, recorder);
            try (TestVolume v = new TestVolume(memory, volumeOptions)) {
                if (bug != null) {
                    v.volume.core().journal.suppressRecords(bug.in(memory));
                }
                recorder.startTrace();
                promises = record(v, recorder);
                trace = recorder.stopTrace();
            } finally {
                StoppedClock.release();
            }
            CrashOracle oracle = new CrashOracle(promises, volumeOptions, pool.freeAfterMkfs());
            try (CrashImages images = CrashImages.of(name(), trace, options)) {
                return use.with(images, oracle.crashingRecovery(recoveryDepth));
            }
        } finally {
            PlantedBug.uproot();
            if (recorder != null) {
                recorder.close();
                LibC.INSTANCE.munmap(base, POOL_BYTES);
            }
        }
    }

    @Override
    public CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        return recorded(prepare, CrashImages::visit);
    }
}
