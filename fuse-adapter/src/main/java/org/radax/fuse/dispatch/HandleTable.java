package org.radax.fuse.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.OpenFile;

/**
 * Open files by the handle the kernel holds. Look-ups take no lock and allocate nothing.
 *
 * <p>A handle is a slot's number and, above it, how often the slot was used before: a stale handle finds nothing.
 */
public final class HandleTable {
    private static final int CHUNK_BITS = 10;
    private static final int CHUNK_SIZE = 1 << CHUNK_BITS;

    private record Slot(long handle, OpenFile file) {}

    /** Copied and replaced when it grows; chunks stay. */
    private volatile Chunk[] chunks = {};

    @GuardedBy("this")
    private int[] freeSlots = new int[CHUNK_SIZE];

    @GuardedBy("this")
    private int freeCount;

    private static final class Chunk {
        final AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(CHUNK_SIZE);
        final int[] uses = new int[CHUNK_SIZE];
    }

    /** Adds a file that was just opened; without memory for a handle it is closed again. */
    public long add(OpenFile file, FileSystem fileSystem) {
        boolean done = false;
        try {
            long handle = add(file);
            done = true;
            return handle;
        } finally {
            if (!done) {
                fileSystem.release(file);
            }
        }
    }

    synchronized long add(OpenFile file) {
        if (freeCount == 0) {
            grow();
        }
        int slot = freeSlots[freeCount - 1];
        Chunk chunk = chunks[slot >> CHUNK_BITS];
        int inChunk = slot & (CHUNK_SIZE - 1);
        long handle = (long) ++chunk.uses[inChunk] << Integer.SIZE | slot;
        // Taken last: there may be no memory for it.
        chunk.slots.set(inChunk, new Slot(handle, file));
        freeCount--;
        return handle;
    }

    /** The open file, or null. */
    public OpenFile get(long handle) {
        Slot slot = slot(handle);
        return slot == null ? null : slot.file;
    }

    /** Forgets the handle; returns its file, or null if it was not there. */
    public synchronized OpenFile remove(long handle) {
        Slot slot = slot(handle);
        if (slot == null) {
            return null;
        }
        int number = (int) handle;
        chunks[number >> CHUNK_BITS].slots.set(number & (CHUNK_SIZE - 1), null);
        freeSlots[freeCount++] = number;
        return slot.file;
    }

    /** Removes all that is left and gives it to {@code consumer}: the kernel sends no RELEASE when a mount dies. */
    public synchronized void drain(Consumer<OpenFile> consumer) {
        for (Chunk chunk : chunks) {
            for (int i = 0; i < CHUNK_SIZE; i++) {
                Slot slot = chunk.slots.get(i);
                if (slot != null) {
                    remove(slot.handle);
                    consumer.accept(slot.file);
                }
            }
        }
    }

    private Slot slot(long handle) {
        int number = (int) handle;
        Chunk[] current = chunks;
        if (number < 0 || number >> CHUNK_BITS >= current.length) {
            return null;
        }
        Slot slot = current[number >> CHUNK_BITS].slots.get(number & (CHUNK_SIZE - 1));
        return slot != null && slot.handle == handle ? slot : null;
    }

    @GuardedBy("this")
    private void grow() {
        int first = chunks.length << CHUNK_BITS;
        Chunk[] more = Arrays.copyOf(chunks, chunks.length + 1);
        more[chunks.length] = new Chunk();
        freeSlots = Arrays.copyOf(freeSlots, first + CHUNK_SIZE);
        for (int slot = first + CHUNK_SIZE - 1; slot >= first; slot--) {
            freeSlots[freeCount++] = slot;
        }
        chunks = more;
    }
}
