package org.radax.core.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** The superblock's contents. docs/FORMAT.md §2. */
public record Superblock(
        UUID uuid,
        int major,
        int minor,
        long compatible,
        long readOnlyCompatible,
        long incompatible,
        long sizeBytes,
        String label,
        long createdNanos,
        long hashKey0,
        long hashKey1,
        int laneCount,
        int laneBytes,
        long rootInodeOffset,
        long reserveBlocks) {

    public Geometry geometry() {
        return new Geometry(sizeBytes, laneCount, laneBytes, hasDataChecksums());
    }

    public boolean hasDataChecksums() {
        return (readOnlyCompatible & SuperblockLayout.DATA_CHECKSUMS_FEATURE) != 0;
    }

    /** Features that forbid to write to the pool, because this version does not know them. */
    public long unknownReadOnlyCompatible() {
        return readOnlyCompatible & ~SuperblockLayout.DATA_CHECKSUMS_FEATURE;
    }

    /** Its bytes for block {@code location}. */
    public byte[] encode(long location) {
        Geometry geometry = geometry();
        byte[] image = new byte[Units.BLOCK_BYTES];
        Checksum checksum = new Checksum(uuid);
        Bytes.putInt(image, SuperblockLayout.MAGIC, SuperblockLayout.MAGIC_VALUE);
        Bytes.putLong(image, SuperblockLayout.LOCATION, location);
        System.arraycopy(checksum.uuidBytes(), 0, image, SuperblockLayout.UUID, 16);
        Bytes.putInt(image, SuperblockLayout.MAJOR, major);
        Bytes.putInt(image, SuperblockLayout.MINOR, minor);
        Bytes.putLong(image, SuperblockLayout.COMPATIBLE, compatible);
        Bytes.putLong(image, SuperblockLayout.READ_ONLY_COMPATIBLE, readOnlyCompatible);
        Bytes.putLong(image, SuperblockLayout.INCOMPATIBLE, incompatible);
        Bytes.putLong(image, SuperblockLayout.SIZE, sizeBytes);
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, image, SuperblockLayout.LABEL, Math.min(32, text.length));
        Bytes.putLong(image, SuperblockLayout.CREATED, createdNanos);
        Bytes.putLong(image, SuperblockLayout.HASH_SEED, hashKey0);
        Bytes.putLong(image, SuperblockLayout.HASH_SEED + 8, hashKey1);
        Bytes.putLong(image, SuperblockLayout.LANE_START, Geometry.FIRST_LANE);
        Bytes.putInt(image, SuperblockLayout.LANE_COUNT, laneCount);
        Bytes.putInt(image, SuperblockLayout.LANE_BYTES, laneBytes);
        Bytes.putLong(image, SuperblockLayout.GROUP_TABLE, geometry.groupTable());
        Bytes.putLong(image, SuperblockLayout.GROUP_COUNT, geometry.groupCount());
        Bytes.putLong(image, SuperblockLayout.ROOT_INODE, rootInodeOffset);
        Bytes.putLong(image, SuperblockLayout.RESERVE_BLOCKS, reserveBlocks);
        Bytes.putInt(
                image,
                SuperblockLayout.CHECKSUM,
                checksum.of(image, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM));
        return image;
    }

    /** Whether a block begins like a superblock at all. */
    public static boolean hasMagic(byte[] image) {
        return Bytes.getInt(image, SuperblockLayout.MAGIC) == SuperblockLayout.MAGIC_VALUE;
    }

    /**
     * Why a block is not a sound superblock for {@code location}; null if it is. A block of another version is sound
     * as far as its version field goes: {@link #decode} it and look.
     */
    public static String damage(byte[] image, long location) {
        if (!hasMagic(image)) {
            return "no superblock magic";
        }
        byte[] copy = image.clone();
        Checksum checksum = new Checksum(uuidOf(image));
        int stored = Bytes.getInt(image, SuperblockLayout.CHECKSUM);
        if (checksum.of(copy, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM) != stored) {
            return "wrong checksum";
        }
        if (Bytes.getLong(image, SuperblockLayout.LOCATION) != location) {
            return "it belongs to block " + Bytes.getLong(image, SuperblockLayout.LOCATION);
        }
        Superblock found = decode(image);
        if (found.major != Geometry.FORMAT_MAJOR || found.minor != Geometry.FORMAT_MINOR) {
            return null;
        }
        return found.implausible(image);
    }

    private String implausible(byte[] image) {
        if (sizeBytes < Geometry.MIN_POOL_BYTES
                || sizeBytes > Geometry.MAX_POOL_BYTES
                || sizeBytes % Units.BLOCK_BYTES != 0) {
            return "impossible pool size " + sizeBytes;
        }
        if (laneCount < 1 || laneCount > 1024 || laneBytes < 32768 || laneBytes > 1 << 24 || laneBytes % 4096 != 0) {
            return "impossible journal of " + laneCount + " lanes of " + laneBytes + " bytes";
        }
        Geometry geometry = geometry();
        if (Bytes.getLong(image, SuperblockLayout.LANE_START) != Geometry.FIRST_LANE
                || Bytes.getLong(image, SuperblockLayout.GROUP_TABLE) != geometry.groupTable()
                || Bytes.getLong(image, SuperblockLayout.GROUP_COUNT) != geometry.groupCount()
                || geometry.fixedBlocks() + 2 > geometry.blocksIn(0)) {
            return "fixed structures where they can not be";
        }
        if (rootInodeOffset < 0
                || rootInodeOffset % Geometry.INODE_BYTES != 0
                || Units.blockOf(rootInodeOffset) < geometry.fixedBlocks()
                || rootInodeOffset >= sizeBytes - Units.BLOCK_BYTES) {
            return "impossible root inode at " + rootInodeOffset;
        }
        if (reserveBlocks < 0 || reserveBlocks > geometry.blockCount()) {
            return "impossible reserve of " + reserveBlocks + " blocks";
        }
        return null;
    }

    private static UUID uuidOf(byte[] image) {
        ByteBuffer buffer = ByteBuffer.wrap(image, SuperblockLayout.UUID, 16);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    public static Superblock decode(byte[] image) {
        int length = 0;
        while (length < 32 && image[SuperblockLayout.LABEL + length] != 0) {
            length++;
        }
        return new Superblock(
                uuidOf(image),
                Bytes.getInt(image, SuperblockLayout.MAJOR),
                Bytes.getInt(image, SuperblockLayout.MINOR),
                Bytes.getLong(image, SuperblockLayout.COMPATIBLE),
                Bytes.getLong(image, SuperblockLayout.READ_ONLY_COMPATIBLE),
                Bytes.getLong(image, SuperblockLayout.INCOMPATIBLE),
                Bytes.getLong(image, SuperblockLayout.SIZE),
                new String(image, SuperblockLayout.LABEL, length, StandardCharsets.UTF_8),
                Bytes.getLong(image, SuperblockLayout.CREATED),
                Bytes.getLong(image, SuperblockLayout.HASH_SEED),
                Bytes.getLong(image, SuperblockLayout.HASH_SEED + 8),
                Bytes.getInt(image, SuperblockLayout.LANE_COUNT),
                Bytes.getInt(image, SuperblockLayout.LANE_BYTES),
                Bytes.getLong(image, SuperblockLayout.ROOT_INODE),
                Bytes.getLong(image, SuperblockLayout.RESERVE_BLOCKS));
    }
}
