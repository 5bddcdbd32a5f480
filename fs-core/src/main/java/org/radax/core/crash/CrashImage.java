package org.radax.core.crash;

import java.nio.file.Path;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;

/**
 * What one crash left: a whole pool, the visitor's to read and to change until it returns. Changes are undone before
 * the next image.
 */
public final class CrashImage {
    private final ImageMemory memory;
    private final CrashPoint point;
    private final CrashChoice choice;
    private CrashRecorder recorder;

    CrashImage(ImageMemory memory, CrashPoint point, CrashChoice choice) {
        this.memory = memory;
        this.point = point;
        this.choice = choice;
    }

    public CrashPoint point() {
        return point;
    }

    public CrashChoice choice() {
        return choice;
    }

    /** The image as memory, every store durable at once; for recovery that needs no crash of its own. */
    public PoolMemory memory() {
        return new PoolMemory(memory.address(), memory.base().sizeBytes(), new NoDomain(), memory);
    }

    /** The image as memory over {@link #recorder}: trace it, then {@link #imagesOf} its trace. */
    public PoolMemory recordedMemory() {
        CrashRecorder under = recorder();
        return new PoolMemory(memory.address(), memory.base().sizeBytes(), under, (poolOffset, lengthBytes) -> {
            memory.stored(poolOffset, lengthBytes);
            under.stored(poolOffset, lengthBytes);
        });
    }

    /** The recorder under {@link #recordedMemory}, one per image. */
    public CrashRecorder recorder() {
        if (recorder == null) {
            recorder = CrashRecorder.nested(memory.address(), memory.base(), memory.content());
        }
        return recorder;
    }

    /** The images of a crash during this image's recovery; to be closed before the next image of the same depth. */
    public CrashImages imagesOf(String workload, CrashTrace recovery, CrashOptions options) {
        return CrashImages.borrowing(workload, recovery, options, memory.forRecovery());
    }

    /** The image as a pool file; slower, since what was done to it must be found by comparing. */
    public Path file() {
        return memory.asFile();
    }

    /** What the crash left of each pending line, and how to make this image again. */
    @Override
    public String toString() {
        return point + ", choice " + choice + ": " + choice.describe(point);
    }
}
