package org.radax.core.volume;

import java.util.function.Consumer;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.Mutations;

/** A workload of which each run records the same trace, so that an image can be asked for by its token. */
interface ReplayableWorkload extends Mutations.Workload {
    /** What is done with the images of a run, while they are there. */
    interface Use<T> {
        T with(CrashImages images, CrashOracle oracle) throws Exception;
    }

    /**
     * Runs and records it once.
     *
     * @param prepare given the recorder before it is used
     */
    <T> T recorded(Consumer<CrashRecorder> prepare, Use<T> use) throws Exception;

    @Override
    default CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        return recorded(prepare, CrashImages::visit);
    }
}
