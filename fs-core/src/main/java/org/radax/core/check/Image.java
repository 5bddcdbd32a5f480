package org.radax.core.check;

import java.util.HashMap;
import java.util.Map;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * The pool as the checker sees it: memory, and over it private copies of the blocks that a replayed journal changes.
 * Everything is copied out before it is looked at, because a page may be gone or change underneath.
 */
final class Image {
    private final PoolMemory memory;
    private final Map<Long, byte[]> overlay = new HashMap<>();

    Image(PoolMemory memory) {
        this.memory = memory;
    }

    PoolMemory memory() {
        return memory;
    }

    long blockCount() {
        return Units.blockOf(memory.sizeBytes());
    }

    /** Copies a range that lies in one block; false if the pool ends before or its memory can not be read. */
    boolean read(long poolOffset, byte[] target, int lengthBytes) {
        byte[] copy = overlay.isEmpty() ? null : overlay.get(Units.blockOf(poolOffset));
        if (copy != null) {
            System.arraycopy(copy, Units.offsetInBlock(poolOffset), target, 0, lengthBytes);
            return true;
        }
        try {
            // Asked for before: what is gone copies nothing, and says so late.
            memory.requirePages(poolOffset, lengthBytes);
            memory.copyOut(poolOffset, target, 0, lengthBytes);
            return true;
        } catch (IndexOutOfBoundsException | InternalError e) {
            return false;
        }
    }

    boolean readBlock(long blockNo, byte[] target) {
        return blockNo >= 0 && blockNo < blockCount() && read(blockNo * Units.BLOCK_BYTES, target, Units.BLOCK_BYTES);
    }

    /** Stores a word privately. */
    void overlay(long poolOffset, long word) {
        long blockNo = Units.blockOf(poolOffset);
        byte[] copy = overlay.get(blockNo);
        if (copy == null) {
            copy = new byte[Units.BLOCK_BYTES];
            memory.copyOut(Units.blockToBytes(blockNo), copy, 0, copy.length);
            overlay.put(blockNo, copy);
        }
        Bytes.putLong(copy, Units.offsetInBlock(poolOffset), word);
    }
}
