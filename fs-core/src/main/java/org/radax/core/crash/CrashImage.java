package org.radax.core.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.LongPredicate;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;

/**
 * What one crash left: a whole pool, the visitor's to read and to change until it returns. Changes are undone before
 * the next image.
 */
public final class CrashImage {
    private final ImageMemory memory;
    private final String workload;
    private final CrashPoint point;
    private final CrashChoice choice;
    private final long hash;
    private CrashRecorder recorder;

    CrashImage(ImageMemory memory, String workload, CrashPoint point, CrashChoice choice, long hash) {
        this.memory = memory;
        this.workload = workload;
        this.point = point;
        this.choice = choice;
        this.hash = hash;
    }

    public CrashPoint point() {
        return point;
    }

    public CrashChoice choice() {
        return choice;
    }

    /** Which image it is, in one word: {@code workload@point:choice}. A crash in its recovery appends to that. */
    public String token() {
        return token(workload, point.number(), choice.toString());
    }

    static String token(String workload, int pointNumber, String choice) {
        return workload + "@" + pointNumber + ":" + choice;
    }

    /** Of the bytes that the crash left: the same in every workload that leaves them. */
    public long hash() {
        return hash;
    }

    /**
     * The hash of what it holds now, with what the visitor did to {@link #memory}, over all lines but some; comparable
     * among images of one trace.
     *
     * @param leftOut told the pool offset of a line
     */
    public long hashNow(LongPredicate leftOut) {
        return memory.hashNow(leftOut);
    }

    /** Takes back what the visitor did, before the next image does. */
    public void undo() {
        memory.undoVisitor();
        recorder = null;
    }

    /** Writes what it holds now to a file, all of it. */
    public void save(Path target) throws IOException {
        Files.copy(memory.path(), target, StandardCopyOption.REPLACE_EXISTING);
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
    public CrashImages imagesOf(CrashTrace recovery, CrashOptions options) {
        return CrashImages.borrowing(token(), recovery, options, memory.forRecovery());
    }

    /** The image as a pool file; slower, since what was done to it must be found by comparing. */
    public Path file() {
        return memory.asFile();
    }

    /** What the crash left of each pending line or page, and how to make this image again. */
    @Override
    public String toString() {
        return point + ", choice " + choice + ": " + choice.describe();
    }
}
