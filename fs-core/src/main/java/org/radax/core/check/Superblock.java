package org.radax.core.check;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** One of the two superblocks, read and judged. */
final class Superblock {
    private static final int MAX_LANES = 1024;
    private static final int MIN_LANE_BYTES = 32 << 10;
    private static final int MAX_LANE_BYTES = 16 << 20;
    private static final int[] RESERVED = {
        SuperblockLayout.GROWN_TABLE, SuperblockLayout.SHARE_ROOT, SuperblockLayout.MAPPED_TABLE
    };

    private final byte[] bytes;
    private final String problem;
    private final boolean newer;

    private Superblock(byte[] bytes, String problem, boolean newer) {
        this.bytes = bytes;
        this.problem = problem;
        this.newer = newer;
    }

    static Superblock read(Image image, long blockNo) {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        if (!image.readBlock(blockNo, bytes)) {
            return new Superblock(bytes, "can not be read", false);
        }
        if (Bytes.getInt(bytes, SuperblockLayout.MAGIC) != SuperblockLayout.MAGIC_VALUE) {
            return new Superblock(bytes, "no superblock", false);
        }
        byte[] copy = bytes.clone();
        if (checksum(bytes).of(copy, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM)
                != Bytes.getInt(bytes, SuperblockLayout.CHECKSUM)) {
            return new Superblock(bytes, "wrong checksum", false);
        }
        if (Bytes.getInt(bytes, SuperblockLayout.MAJOR) != Geometry.FORMAT_MAJOR
                || Bytes.getInt(bytes, SuperblockLayout.MINOR) != Geometry.FORMAT_MINOR
                || Bytes.getLong(bytes, SuperblockLayout.INCOMPATIBLE) != 0
                || (Bytes.getLong(bytes, SuperblockLayout.READ_ONLY_COMPATIBLE)
                                & ~SuperblockLayout.DATA_CHECKSUMS_FEATURE)
                        != 0) {
            return new Superblock(bytes, "unknown version or features", true);
        }
        if (Bytes.getLong(bytes, SuperblockLayout.LOCATION) != blockNo) {
            return new Superblock(bytes, "belongs to block " + Bytes.getLong(bytes, SuperblockLayout.LOCATION), false);
        }
        return new Superblock(bytes, geometryProblem(bytes, image.memory().sizeBytes()), false);
    }

    private static String geometryProblem(byte[] bytes, long memoryBytes) {
        long size = Bytes.getLong(bytes, SuperblockLayout.SIZE);
        long laneCount = Bytes.getInt(bytes, SuperblockLayout.LANE_COUNT);
        long laneBytes = Bytes.getInt(bytes, SuperblockLayout.LANE_BYTES);
        if (size < Geometry.MIN_POOL_BYTES || size > Geometry.MAX_POOL_BYTES || size % Units.BLOCK_BYTES != 0) {
            return "impossible size " + size;
        }
        if (size > memoryBytes) {
            return "says " + size + " bytes, but the pool has " + memoryBytes;
        }
        if (laneCount < 1
                || laneCount > MAX_LANES
                || laneBytes < MIN_LANE_BYTES
                || laneBytes > MAX_LANE_BYTES
                || laneBytes % Units.BLOCK_BYTES != 0) {
            return "impossible journal of " + laneCount + " lanes of " + laneBytes + " bytes";
        }
        Geometry geometry = new Geometry(size, (int) laneCount, (int) laneBytes, hasDataChecksums(bytes));
        if (Bytes.getLong(bytes, SuperblockLayout.LANE_START) != Geometry.FIRST_LANE
                || Bytes.getLong(bytes, SuperblockLayout.GROUP_TABLE) != geometry.groupTable()
                || Bytes.getLong(bytes, SuperblockLayout.GROUP_COUNT) != geometry.groupCount()
                || geometry.fixedBlocks() >= Math.min(Geometry.GROUP_BLOCKS, geometry.blockCount())) {
            return "fixed structures do not lie where the size puts them";
        }
        long root = Bytes.getLong(bytes, SuperblockLayout.ROOT_INODE);
        if (root % Geometry.INODE_BYTES != 0
                || root < Units.blockToBytes(geometry.fixedBlocks())
                || root >= Units.blockToBytes(geometry.replicaBlock())) {
            return "the root inode can not lie at " + root;
        }
        long reserve = Bytes.getLong(bytes, SuperblockLayout.RESERVE_BLOCKS);
        if (reserve < 0 || reserve > geometry.blockCount()) {
            return "impossible reserve of " + reserve + " blocks";
        }
        boolean reservedUsed = false;
        for (int field : RESERVED) {
            reservedUsed |= Bytes.getLong(bytes, field) != 0;
        }
        return reservedUsed ? "reserved fields are not 0" : null;
    }

    /** The private copy; not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** What is wrong with it; null: it is sound. */
    String problem() {
        return problem;
    }

    /** Whether it is a superblock, but of a version or with features that this checker does not know. */
    boolean newer() {
        return newer;
    }

    boolean sound() {
        return problem == null;
    }

    private static Checksum checksum(byte[] bytes) {
        return new Checksum(uuid(bytes));
    }

    private static UUID uuid(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, SuperblockLayout.UUID, 16);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    UUID uuid() {
        return uuid(bytes);
    }

    Geometry geometry() {
        return new Geometry(
                Bytes.getLong(bytes, SuperblockLayout.SIZE),
                Bytes.getInt(bytes, SuperblockLayout.LANE_COUNT),
                Bytes.getInt(bytes, SuperblockLayout.LANE_BYTES),
                hasDataChecksums(bytes));
    }

    private static boolean hasDataChecksums(byte[] bytes) {
        return (Bytes.getLong(bytes, SuperblockLayout.READ_ONLY_COMPATIBLE) & SuperblockLayout.DATA_CHECKSUMS_FEATURE)
                != 0;
    }

    long rootInodeOffset() {
        return Bytes.getLong(bytes, SuperblockLayout.ROOT_INODE);
    }

    long hashSeed(int word) {
        return Bytes.getLong(bytes, SuperblockLayout.HASH_SEED + word * Long.BYTES);
    }

    /** The same superblock as it stands in another block. */
    byte[] copyFor(long blockNo) {
        byte[] copy = bytes.clone();
        Bytes.putLong(copy, SuperblockLayout.LOCATION, blockNo);
        int value = checksum(copy).of(copy, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM);
        Bytes.putInt(copy, SuperblockLayout.CHECKSUM, value);
        return copy;
    }
}
