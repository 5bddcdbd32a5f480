package org.radax.junit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.radax.core.crash.CrashImage;
import org.radax.core.pool.PoolMemory;

/**
 * What a crash left, a check's to read, to recover and to change until it returns. Nothing of that crashes. Of a thread
 * that outlives the check it is an IllegalStateException: one at a time is let in, so that none is inside at the end.
 */
public final class CrashedPool extends CrashMemory {
    private final PoolMemory memory;
    private final StepsSoFar steps;
    private final Supplier<ByteBuffer> buffer;

    @GuardedBy("this")
    private boolean ended;

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

    /** The check has returned: another image takes this one's place. */
    synchronized void end() {
        ended = true;
    }

    @GuardedBy("this")
    private void requireCheck() {
        if (ended) {
            throw new IllegalStateException("the check has returned: what it was given is its own until then");
        }
    }

    @Override
    synchronized PoolMemory memory() {
        requireCheck();
        return memory;
    }

    @Override
    public synchronized long getLong(long offset) {
        return super.getLong(offset);
    }

    @Override
    public synchronized void putLong(long offset, long value) {
        super.putLong(offset, value);
    }

    @Override
    public synchronized byte[] get(long offset, int length) {
        return super.get(offset, length);
    }

    @Override
    public synchronized void put(long offset, byte... bytes) {
        super.put(offset, bytes);
    }

    @Override
    public synchronized void writeBack(long offset, long length) {
        super.writeBack(offset, length);
    }

    @Override
    public synchronized void fence() {
        super.fence();
    }

    @Override
    public synchronized void msync(long offset, long length) {
        super.msync(offset, length);
    }

    @Override
    void noticeBufferedStores() {
        // None is pending: they are the image at once.
    }

    @Override
    public synchronized ByteBuffer buffer() {
        requireCheck();
        return buffer.get();
    }
}
