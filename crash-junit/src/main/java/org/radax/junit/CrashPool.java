package org.radax.junit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashTrace;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * The memory that a {@link CrashTest} stores to: zeroes at first. What is stored before the first step is there, durable,
 * when power begins to fail. Thread-safe as memory is; a thread's fence waits for its own write-backs alone.
 */
public final class CrashPool extends CrashMemory {
    private final CrashModel model;
    private final CrashSearch search;
    /** Of the garbage collector's, so that a thread that outlives the test does no harm. */
    private final ByteBuffer bytes;

    private final PoolMemory memory;
    /** The test, and each check: one of a thread that was given up may outlive it. The last lets the recorder go. */
    private final AtomicInteger users = new AtomicInteger(1);

    private volatile boolean buffered;

    /** Null until the first step. */
    private volatile CrashRecorder recorder;

    /** By phase of the recorder. */
    @GuardedBy("this")
    private final List<StepsSoFar> history = new ArrayList<>(List.of(StepsSoFar.NONE));

    /** Null until the first check. */
    @GuardedBy("this")
    private CrashTrace trace;

    CrashPool(int sizeBytes, CrashModel model, CrashSearch search) {
        super(model);
        this.model = model;
        this.search = search;
        this.bytes = ByteBuffer.allocateDirect(sizeBytes + Units.BLOCK_BYTES)
                .alignedSlice(Units.BLOCK_BYTES)
                .slice(0, sizeBytes);
        this.memory = new PoolMemory(address(), sizeBytes, new NoDomain(), this::stored);
    }

    private long address() {
        return MemoryIO.getInstance().getDirectBufferAddress(bytes);
    }

    private void stored(long offset, long length) {
        if (recorder != null) {
            recorder.stored(offset, length);
        }
    }

    /**
     * Runs code amid which power may fail, and after which what it promises has been promised.
     *
     * @param label in reports, {@link CrashedPool#completed} and {@link CrashedPool#begun}
     */
    public <E extends Throwable> void step(String label, CrashStep<E> step) throws E {
        begin(label);
        step.run();
        complete(label);
    }

    private synchronized void begin(String label) {
        if (users.get() == 0) {
            throw new IllegalStateException("step '" + label + "': the test has ended");
        }
        if (trace != null) {
            throw new IllegalStateException("step '" + label + "': every crash was checked already");
        }
        if (recorder == null) {
            record();
        }
        noticeBufferedStores();
        recorder.stepBegins(label);
        history.add(lastSteps().begin(label));
    }

    private synchronized void complete(String label) {
        noticeBufferedStores();
        recorder.stepReturned(label);
        history.add(lastSteps().complete(label));
    }

    @GuardedBy("this")
    private StepsSoFar lastSteps() {
        return history.get(history.size() - 1);
    }

    @GuardedBy("this")
    private void record() {
        recorder = model == CrashModel.PAGE_CACHE
                ? CrashRecorder.ofPages(address(), sizeBytes())
                : CrashRecorder.of(address(), sizeBytes());
        memory.useDomain(recorder);
        recorder.startTrace();
    }

    /**
     * Checks what each crash since the first step could leave: right before each fence or msync, after each step, and
     * now. There are no steps afterwards, but there may be other checks.
     *
     * @throws AssertionError for the first image that the check refuses: what it is, and how to see it again
     */
    public synchronized void checkEveryCrash(CrashCheck check) {
        if (recorder == null) {
            throw new IllegalStateException("no step was run, so nothing could crash: CrashPool.step(label, code)");
        }
        if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            throw new IllegalStateException("check: the test has ended");
        }
        try {
            if (trace == null) {
                noticeBufferedStores();
                trace = recorder.stopTrace();
                requireSomethingAtStake();
            }
            search.visit(trace, List.copyOf(history), model, check);
        } finally {
            release();
        }
    }

    @GuardedBy("this")
    private void requireSomethingAtStake() {
        if (trace.points().stream().allMatch(point -> point.pending().isEmpty())) {
            throw new IllegalStateException("nothing was at stake: at none of the "
                    + trace.points().size() + " crash points was a store pending. Does the code store to this pool?");
        }
    }

    /** Whether there was a check, whatever it found. */
    synchronized boolean isChecked() {
        return trace != null;
    }

    @Override
    PoolMemory memory() {
        return memory;
    }

    @Override
    void noticeBufferedStores() {
        if (buffered && recorder != null) {
            recorder.stored(0, sizeBytes());
        }
    }

    @Override
    public ByteBuffer buffer() {
        buffered = true;
        return bytes.duplicate();
    }

    /** By each user, once. */
    void release() {
        if (users.decrementAndGet() == 0 && recorder != null) {
            recorder.close();
        }
    }
}
