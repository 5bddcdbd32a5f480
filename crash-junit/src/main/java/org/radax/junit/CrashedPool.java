package org.radax.junit;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.radax.core.crash.CrashImage;
import org.radax.core.pool.PoolMemory;

/** What a crash left, a check's to read, to recover and to change until it returns. Nothing of that crashes. */
public final class CrashedPool extends CrashMemory {
    private final PoolMemory memory;
    private final StepsSoFar steps;
    private final Supplier<ByteBuffer> buffer;

    /** @param buffer of the image's bytes */
    CrashedPool(CrashModel model, CrashImage image, StepsSoFar steps, Supplier<ByteBuffer> buffer) {
        super(model);
        this.memory = image.memory();
        this.steps = steps;
        this.buffer = buffer;
    }

    /** The labels of the steps that had returned, in that order. */
    public List<String> completed() {
        return steps.completed();
    }

    /** Those, and then the labels of the steps that were cut: none between two, several if they are of threads. */
    public List<String> begun() {
        return steps.begun();
    }

    @Override
    PoolMemory memory() {
        return memory;
    }

    @Override
    void noticeBufferedStores() {
        // None is pending: they are the image at once.
    }

    @Override
    public ByteBuffer buffer() {
        return buffer.get();
    }
}
