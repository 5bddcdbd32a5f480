package org.radax.junit;

import java.nio.ByteBuffer;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * A pool's bytes, and how they are made durable. Bounds are checked: IndexOutOfBoundsException. Numbers are
 * little-endian.
 */
public abstract class CrashMemory {
    private final CrashModel model;

    CrashMemory(CrashModel model) {
        this.model = model;
    }

    abstract PoolMemory memory();

    /** Called before anything whose place among the stores matters. */
    abstract void noticeBufferedStores();

    /**
     * All of it as a direct buffer, for code that takes one: big-endian until told otherwise, as buffers are. What is
     * stored through it counts as stored at the next call on this object, by ascending address; of a word that was
     * stored to several times in between only the last value. Of several threads that store through it, hold a lock around
     * stores and calls on this object.
     */
    public abstract ByteBuffer buffer();

    public final int sizeBytes() {
        return Math.toIntExact(memory().sizeBytes());
    }

    public long getLong(long offset) {
        return memory().getLong(offset);
    }

    /** Stores an aligned word, whole. */
    public void putLong(long offset, long value) {
        noticeBufferedStores();
        memory().putLong(offset, value);
    }

    public byte[] get(long offset, int length) {
        byte[] bytes = new byte[length];
        memory().copyOut(offset, bytes, 0, length);
        return bytes;
    }

    /** Stores bytes by ascending address; a crash may tear them at any aligned word. */
    public void put(long offset, byte... bytes) {
        noticeBufferedStores();
        memory().copyIn(offset, bytes, 0, bytes.length);
    }

    /** Starts writing back the cache lines that hold the range; durable after this thread's next {@link #fence}. */
    public void writeBack(long offset, long length) {
        requireLines("writeBack");
        noticeBufferedStores();
        memory().writeBack(offset, length);
    }

    /** Waits for this thread's write-backs. A crash point. */
    public void fence() {
        requireLines("fence");
        noticeBufferedStores();
        memory().fence();
    }

    /** Makes the pages that hold the range durable, as msync(2) and MappedByteBuffer.force do. A crash point. */
    public void msync(long offset, long length) {
        memory().address(offset, length);
        noticeBufferedStores();
        long start = Units.alignDown(offset, Units.BLOCK_BYTES);
        memory().writeBack(start, Units.alignUp(offset + length, Units.BLOCK_BYTES) - start);
        memory().fence();
    }

    private void requireLines(String call) {
        if (model != CrashModel.CACHE_LINES) {
            throw new IllegalStateException(call + ": makes nothing durable in a page cache; msync does");
        }
    }
}
