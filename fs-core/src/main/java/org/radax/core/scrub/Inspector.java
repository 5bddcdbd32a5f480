package org.radax.core.scrub;

import java.util.UUID;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Looks at one structure, whatever was known of it before, and tells the log of damage. The caller holds the lock that
 * keeps the structure still. One thread's.
 *
 * <p>All headers begin alike (docs/FORMAT.md): magic, checksum, what says which one it is, and in blocks UUID and owner.
 */
public final class Inspector {
    /** For structures without an owner field. */
    public static final long NO_OWNER = -1;

    private static final int MAGIC = 0;
    private static final int CHECKSUM = 4;
    private static final int IDENTITY = 8;
    private static final int OWNER = 32;

    private final PoolMemory memory;
    private final Geometry geometry;
    private final StructureVerifier verifier;
    private final Checksum checksum;
    private final ScrubLog log;

    public Inspector(PoolMemory memory, Geometry geometry, StructureVerifier verifier, UUID uuid, ScrubLog log) {
        this.memory = memory;
        this.geometry = geometry;
        this.verifier = verifier;
        this.checksum = new Checksum(uuid);
        this.log = log;
    }

    ScrubLog log() {
        return log;
    }

    /** Whether a block can be referred to: it lies between the fixed structures and the superblock's replica. */
    public boolean isInside(long blockNo) {
        return blockNo >= geometry.fixedBlocks() && blockNo < geometry.replicaBlock();
    }

    /** As {@link #isSound(Kind, long, long, long, long, byte[], int)}, for kinds of one length without an owner. */
    public boolean isSound(Kind kind, long ino, long poolOffset, long identity, byte[] image) {
        return isSound(kind, ino, poolOffset, identity, NO_OWNER, image, kind.checkedBytes());
    }

    /**
     * A structure with a header. A sound one is left in {@code image} but for its checksum, and is the caller's to count.
     *
     * @param ino of whom it is a part, for the log
     * @param identity what its location or number must be
     * @param owner what its owner field must hold, or {@link #NO_OWNER}
     */
    public boolean isSound(
            Kind kind, long ino, long poolOffset, long identity, long owner, byte[] image, int checkedBytes) {
        try {
            fetch(poolOffset, image, 0, checkedBytes);
            int stored = Bytes.getInt(image, CHECKSUM);
            int magic = Bytes.getInt(image, MAGIC);
            long found = Bytes.getLong(image, IDENTITY);
            if (magic != kind.magic) {
                return differs(kind, ino, poolOffset, "magic", hex(kind.magic), hex(magic));
            }
            int sum = checksum.of(image, checkedBytes, CHECKSUM);
            if (sum != stored) {
                return differs(kind, ino, poolOffset, "checksum", hex(stored), hex(sum));
            }
            if (found != identity) {
                return differs(kind, ino, poolOffset, "own number", identity, found);
            }
            return owner == NO_OWNER
                    || Bytes.getLong(image, OWNER) == owner
                    || differs(kind, ino, poolOffset, "owner", owner, Bytes.getLong(image, OWNER));
        } catch (InternalError e) {
            return gone(kind, ino, poolOffset);
        }
    }

    /** A map of one block, whose checksum lies elsewhere. A sound one is left in {@code image}, and is counted. */
    public boolean isSoundMap(Kind kind, long blockNo, int stored, byte[] image) {
        long offset = Units.blockToBytes(blockNo);
        try {
            fetch(offset, image, 0, Units.BLOCK_BYTES);
            int sum = checksum.of(image, Units.BLOCK_BYTES, -1);
            if (sum != stored) {
                return differs(kind, 0, offset, "checksum", hex(stored), hex(sum));
            }
            log.sound(kind, Units.BLOCK_BYTES);
            return true;
        } catch (InternalError e) {
            return gone(kind, 0, offset);
        }
    }

    /** An attribute's value, fetched already. */
    void checkValue(long ino, long poolOffset, String name, int stored, byte[] value, int lengthBytes) {
        int sum = checksum.plain(value, lengthBytes);
        if (sum == stored) {
            log.sound(Kind.VALUE, lengthBytes);
        } else {
            differs(Kind.VALUE, ino, poolOffset, "checksum of " + name, hex(stored), hex(sum));
        }
    }

    /**
     * Copies out of the pool.
     *
     * @throws InternalError if a page is gone: {@link #gone} tells of it
     */
    void fetch(long poolOffset, byte[] target, int start, int lengthBytes) {
        memory.requirePages(poolOffset, lengthBytes);
        memory.copyOut(poolOffset, target, start, lengthBytes);
    }

    private boolean differs(Kind kind, long ino, long poolOffset, String field, Object expected, Object found) {
        // Unless the page went after it was asked for.
        RawMemory.raisePendingError();
        return tell(kind, ino, poolOffset, field, expected, found);
    }

    /** Tells the log that a page is gone; false. */
    public boolean gone(Kind kind, long ino, long poolOffset) {
        return tell(kind, ino, poolOffset, "page", "there", "gone");
    }

    /** Tells the log of damage; false. What a mount would trust from now on is checked again when it is met. */
    public boolean tell(Kind kind, long ino, long poolOffset, String field, Object expected, Object found) {
        if (kind.isTrustedOnceMet()) {
            verifier.distrust(Units.blockOf(poolOffset));
        }
        log.damaged(new ScrubFinding(kind, ino, poolOffset, field, expected.toString(), found.toString()));
        return false;
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
