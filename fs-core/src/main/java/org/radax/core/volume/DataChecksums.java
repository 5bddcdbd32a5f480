package org.radax.core.volume;

import org.radax.core.dax.Mapping;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.pool.PoolMemory;
import org.radax.core.scrub.Kind;
import org.radax.core.scrub.ScrubFinding;
import org.radax.core.scrub.ScrubLog;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * The checksums of files' blocks, on volumes that have them: a word for each block in a table of its group, 0 where none is
 * known (docs/FORMAT.md §6). Thread-safe.
 *
 * <p>Crash order: a block's word is 0, durably, before what is stored in the block can be; and set once that is fenced. So
 * at any moment a word is 0 or right, whatever a crash leaves. What can be stored to untold, by a process that has it
 * mapped, has none.
 */
final class DataChecksums {
    /** A block of the table. */
    private static final int MOST_WORDS = Units.BLOCK_BYTES / Integer.BYTES;

    /** For one thread at a time. */
    private static final class Summer {
        private final Checksum checksum;
        private final byte[] block = new byte[Units.BLOCK_BYTES];
        private final byte[] words = new byte[Units.BLOCK_BYTES];

        Summer(Checksum checksum) {
            this.checksum = checksum;
        }
    }

    private final VolumeCore core;
    private final PoolMemory memory;
    private final Geometry geometry;
    private final boolean isKept;
    private final ThreadLocal<Summer> summers;

    DataChecksums(VolumeCore core) {
        this.core = core;
        this.memory = core.memory;
        this.geometry = core.geometry;
        this.isKept = core.geometry.hasDataChecksums();
        this.summers = ThreadLocal.withInitial(() -> new Summer(new Checksum(core.superblock.uuid())));
    }

    boolean isKept() {
        return isKept;
    }

    /** Before bytes are stored that something durable shows: returns with the words of their blocks 0, durably. */
    void forgetInPlace(long poolOffset, long lengthBytes) {
        if (forget(poolOffset, lengthBytes)) {
            memory.fence();
        }
    }

    /** Before bytes are stored in blocks that nothing durable shows: to be fenced before anything does. */
    boolean forget(long poolOffset, long lengthBytes) {
        boolean any = false;
        if (isKept && lengthBytes > 0) {
            long end = Units.blocksFor(poolOffset + lengthBytes);
            for (long block = Units.blockOf(poolOffset); block < end; ) {
                int count = wordsAtOnce(block, end);
                any |= forgetWords(geometry.checksumOffset(block), count);
                block += count;
            }
        }
        return any;
    }

    private boolean forgetWords(long offset, int count) {
        long length = (long) count * Integer.BYTES;
        memory.requirePages(offset, length);
        for (long at = offset; at < offset + length; at += Integer.BYTES) {
            if (memory.getInt(at) != 0) {
                memory.zero(offset, length);
                memory.writeBack(offset, length);
                return true;
            }
        }
        return false;
    }

    /** The words of how many blocks lie in one block of a table. */
    private static int wordsAtOnce(long block, long end) {
        return (int) Math.min(end - block, MOST_WORDS - block % MOST_WORDS);
    }

    /**
     * Sets what is not known of a file's pages, unless they are dirty, or a process has the file mapped. What was stored to
     * them by this thread is written back. The inode's lock is held, shared at least; what comes out is durable.
     */
    void settle(long ino, long firstPage, long endPage) throws FsException {
        if (!isKept || firstPage >= endPage) {
            return;
        }
        Mapping mapping = core.mappings.find(ino);
        if (mapping != null && mapping.hasSilentClients()) {
            return;
        }
        memory.fence();
        Extent extent = new Extent();
        long root = VolumeCore.rootOf(core.inodes.offsetOf(ino));
        for (long page = firstPage; page < endPage; page = extent.end()) {
            core.extents.find(memory, root, ino, page, extent);
            if (extent.hasData()) {
                settleRun(mapping, page, extent.poolBlock(), Math.min(extent.end(), endPage) - page);
            }
        }
        memory.fence();
    }

    private void settleRun(Mapping mapping, long firstPage, long firstBlock, long count) {
        long end = firstBlock + count;
        for (long block = firstBlock; block < end; ) {
            int words = wordsAtOnce(block, end);
            settleWords(mapping, firstPage + (block - firstBlock), block, words);
            block += words;
        }
    }

    private void settleWords(Mapping mapping, long page, long block, int count) {
        Summer summer = summers.get();
        long offset = geometry.checksumOffset(block);
        int length = count * Integer.BYTES;
        memory.requirePages(offset, length);
        memory.copyOut(offset, summer.words, 0, length);
        long dirty = mapping == null ? Mapping.NOWHERE : mapping.nextDirty(page, page + count);
        boolean any = false;
        for (int i = 0; i < count; i++) {
            if (page + i == dirty) {
                dirty = mapping.nextDirty(page + i + 1, page + count);
            } else if (Bytes.getInt(summer.words, i * Integer.BYTES) == 0) {
                Bytes.putInt(summer.words, i * Integer.BYTES, sum(summer, block + i));
                any = true;
            }
        }
        if (any) {
            if (mapping != null) {
                // What was clean just now may be so since it is being written back, and be not yet durable.
                mapping.runs().await();
            }
            memory.copyIn(offset, summer.words, 0, length);
            memory.writeBack(offset, length);
        }
    }

    private int sum(Summer summer, long block) {
        long offset = Units.blockToBytes(block);
        memory.requirePages(offset, Units.BLOCK_BYTES);
        memory.copyOut(offset, summer.block, 0, Units.BLOCK_BYTES);
        return summer.checksum.ofData(summer.block);
    }

    /**
     * Compares blocks of a file for a scrub. Those that have no checksum are given one, unless the volume can not be
     * written to now. The inode's lock is held.
     */
    void verify(long ino, long page, long poolBlock, long count, ScrubLog log) throws FsException {
        boolean anyUnknown = false;
        for (long block = poolBlock; block < poolBlock + count; block++) {
            try {
                anyUnknown |= !verify(ino, page + (block - poolBlock), block, log);
            } catch (InternalError e) {
                log.damaged(finding(ino, page + (block - poolBlock), block, "there", "gone"));
            }
        }
        if (anyUnknown && !core.options().readOnly() && core.gate.tryEnter()) {
            try {
                settle(ino, page, page + count);
            } finally {
                core.gate.exit();
            }
        }
    }

    /** False if it has none. */
    private boolean verify(long ino, long page, long block, ScrubLog log) {
        long offset = geometry.checksumOffset(block);
        memory.requirePages(offset, Integer.BYTES);
        int expected = memory.getInt(offset);
        if (expected == 0) {
            log.sound(Kind.UNSUMMED, 0);
            return false;
        }
        int found = sum(summers.get(), block);
        if (found == expected) {
            log.sound(Kind.DATA, Units.BLOCK_BYTES);
        } else {
            log.damaged(
                    finding(ino, page, block, "0x" + Integer.toHexString(expected), "0x" + Integer.toHexString(found)));
        }
        return true;
    }

    private static ScrubFinding finding(long ino, long page, long block, String expected, String found) {
        long offset = Units.blockToBytes(block);
        return new ScrubFinding(Kind.DATA, ino, offset, "checksum of file block " + page, expected, found);
    }
}
