package org.radax.core.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Checks a metadata block's header and checksum the first time it is met since mount, and remembers that. Blocks the
 * volume wrote itself need no check. The caller holds a lock that keeps the block still. Thread-safe.
 *
 * <p>All block headers begin alike (docs/FORMAT.md): magic, checksum, own block number, UUID, owner.
 */
public final class StructureVerifier {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int MAGIC = 0;
    private static final int CHECKSUM = 4;
    private static final int LOCATION = 8;
    private static final int UUID_FIELD = 16;
    private static final int OWNER = 32;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final AtomicReferenceArray<long[]> verified;
    private final ThreadLocal<Scratch> scratch;

    private static final class Scratch {
        final byte[] bytes = new byte[Units.BLOCK_BYTES];
        final Checksum checksum;

        Scratch(UUID uuid) {
            checksum = new Checksum(uuid);
        }
    }

    public StructureVerifier(PoolMemory memory, Geometry geometry, UUID uuid) {
        this.memory = memory;
        this.geometry = geometry;
        this.verified = new AtomicReferenceArray<>(Math.toIntExact(geometry.groupCount()));
        this.scratch = ThreadLocal.withInitial(() -> new Scratch(uuid));
    }

    /** Whether the block was checked, or written, since mount. */
    public boolean isVerified(long blockNo) {
        long[] bits = verified.get((int) Geometry.groupOf(blockNo));
        int bit = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
        return bits != null && (bits[bit >>> 6] & 1L << bit) != 0;
    }

    /** Says that the block is sound: it was just written. */
    public void markVerified(long blockNo) {
        int group = (int) Geometry.groupOf(blockNo);
        long[] bits = verified.get(group);
        if (bits == null) {
            bits = new long[Geometry.GROUP_BLOCKS / Long.SIZE];
            if (!verified.compareAndSet(group, null, bits)) {
                bits = verified.get(group);
            }
        }
        int bit = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
        WORDS.getAndBitwiseOr(bits, bit >>> 6, 1L << bit);
    }

    /** Says that the block is damaged, or may be: it is checked when it is met next. */
    public void distrust(long blockNo) {
        long[] bits = verified.get((int) Geometry.groupOf(blockNo));
        if (bits != null) {
            int bit = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
            WORDS.getAndBitwiseAnd(bits, bit >>> 6, ~(1L << bit));
        }
    }

    /** The block must lie in the pool, outside the fixed structures. */
    public void requireInside(String structure, long blockNo, long referredFrom) throws CorruptPoolException {
        if (blockNo < Geometry.FIRST_LANE || blockNo >= geometry.blockCount()) {
            throw new CorruptPoolException(structure, referredFrom, "a block of the pool", blockNo);
        }
    }

    /**
     * Checks a metadata block unless it was checked before.
     *
     * @param checkedBytes bytes under the checksum
     * @param owner what its owner field must hold, or -1 if it has none
     */
    public void verify(String structure, long blockNo, int magic, int checkedBytes, long owner)
            throws CorruptPoolException {
        if (blockNo >= 0 && blockNo < geometry.blockCount() && isVerified(blockNo)) {
            long offset = Units.blockToBytes(blockNo);
            memory.requireThere(offset, magic);
            if (owner >= 0) {
                // Two inodes may both claim a sound block.
                require(structure, offset, "owner inode", owner, memory.getLong(offset + OWNER));
            }
            return;
        }
        requireInside(structure, blockNo, 0);
        long offset = Units.blockToBytes(blockNo);
        Scratch s = scratch.get();
        memory.copyOut(offset, s.bytes, 0, checkedBytes);
        require(structure, offset, "magic", magic, Bytes.getInt(s.bytes, MAGIC));
        require(structure, offset, "own block number", blockNo, Bytes.getLong(s.bytes, LOCATION));
        byte[] uuid = s.checksum.uuidBytes();
        for (int i = 0; i < uuid.length; i++) {
            require(structure, offset, "volume UUID byte", uuid[i], s.bytes[UUID_FIELD + i]);
        }
        if (owner >= 0) {
            require(structure, offset, "owner inode", owner, Bytes.getLong(s.bytes, OWNER));
        }
        int stored = Bytes.getInt(s.bytes, CHECKSUM);
        require(structure, offset, "checksum", s.checksum.of(s.bytes, checkedBytes, CHECKSUM), stored);
        markVerified(blockNo);
    }

    /** Checks a structure that is not a whole block, every time. */
    public void verifyChecksum(String structure, long poolOffset, int checkedBytes, int fieldOffset)
            throws CorruptPoolException {
        Scratch s = scratch.get();
        memory.copyOut(poolOffset, s.bytes, 0, checkedBytes);
        int stored = Bytes.getInt(s.bytes, fieldOffset);
        require(structure, poolOffset, "checksum", s.checksum.of(s.bytes, checkedBytes, fieldOffset), stored);
    }

    private static void require(String structure, long offset, String what, long expected, long found)
            throws CorruptPoolException {
        if (expected != found) {
            throw new CorruptPoolException(
                    structure, offset, what + " 0x" + Long.toHexString(expected), "0x" + Long.toHexString(found));
        }
    }
}
