package org.radax.core.volume;

import java.util.Arrays;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.ImageBase;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.Superblock;
import org.radax.core.os.LibC;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * A pool with something in it, the same bit for bit in every run, of which workloads take copies: so a crash image is
 * named by what was done and by what was lost. Its free blocks are full of an old file's bytes: whoever shows them is
 * found out.
 */
final class PreparedPool {
    static final long BYTES = 16L << 20;
    static final VolumeOptions OPTIONS =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, false);

    /** Later than what set-up does. */
    static final long START_NANOS = 4_000_000_000L * 1_000_000_000L;

    private static final long CREATED_NANOS = 3_000_000_000L * 1_000_000_000L;

    private final CrashWorkload.Step setUp;
    private final boolean dataChecksums;
    private ImageBase base;
    private long freeAfterMkfs;

    PreparedPool(CrashWorkload.Step setUp) {
        this(setUp, false);
    }

    PreparedPool(CrashWorkload.Step setUp, boolean dataChecksums) {
        this.setUp = setUp;
        this.dataChecksums = dataChecksums;
    }

    /** A copy, to be unmapped; the clock is stopped afterwards. */
    long copy() throws FsException {
        prepare();
        StoppedClock.stopAt(START_NANOS);
        return base.copy();
    }

    /** A recorder under a copy that nothing was stored to. */
    CrashRecorder recorder(long copy) {
        return CrashRecorder.of(copy, base);
    }

    /** Goes before the names of workloads, which others have on another pool. */
    String prefix() {
        return dataChecksums ? "with checksums, " : "";
    }

    long freeAfterMkfs() {
        return freeAfterMkfs;
    }

    private synchronized void prepare() throws FsException {
        if (base != null) {
            return;
        }
        StoppedClock.stopAt(CREATED_NANOS);
        long pool = TestVolume.map(BYTES);
        PoolMemory memory = new PoolMemory(pool, BYTES, new NoDomain(), null);
        format(memory, dataChecksums);
        try (TestVolume v = new TestVolume(memory, OPTIONS)) {
            freeAfterMkfs = v.freeBlocks();
            leaveStaleBytes(v);
            setUp.run(v);
        }
        base = ImageBase.ofMemory(pool, BYTES);
        LibC.INSTANCE.munmap(pool, BYTES);
    }

    /** With a directory hash that is not drawn. */
    private static void format(PoolMemory memory, boolean dataChecksums) throws PoolException {
        Formatter.write(memory, TestVolume.UNLIMITED, "test", new java.util.UUID(1, 2), dataChecksums);
        byte[] block = new byte[Units.BLOCK_BYTES];
        memory.copyOut(Units.blockToBytes(Geometry.SUPERBLOCK), block, 0, block.length);
        Superblock drawn = Superblock.decode(block);
        Superblock fixed = new Superblock(
                drawn.uuid(),
                drawn.major(),
                drawn.minor(),
                drawn.compatible(),
                drawn.readOnlyCompatible(),
                drawn.incompatible(),
                drawn.sizeBytes(),
                drawn.label(),
                drawn.createdNanos(),
                0x0706050403020100L,
                0x0f0e0d0c0b0a0908L,
                drawn.laneCount(),
                drawn.laneBytes(),
                drawn.rootInodeOffset(),
                drawn.reserveBlocks());
        for (long copy : new long[] {Geometry.SUPERBLOCK, drawn.geometry().replicaBlock()}) {
            memory.copyIn(Units.blockToBytes(copy), fixed.encode(copy), 0, Units.BLOCK_BYTES);
        }
    }

    private static void leaveStaleBytes(TestVolume v) throws FsException {
        long old = v.create(FileSystem.ROOT_INO, "old");
        byte[] stale = new byte[1 << 20];
        Arrays.fill(stale, (byte) 0xee);
        for (int i = 0; i < 4; i++) {
            v.write(old, (long) i << 20, stale);
        }
        v.unlink(FileSystem.ROOT_INO, "old");
    }
}
