package org.radax.core.volume;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.Mutations;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;

/**
 * Something on a pool of its own, made where there was something else, of which a crash may leave a part: the volume is
 * sound then, and once it has returned it is there. For places that the operations of the other workloads do not come by.
 */
final class SoundWorkload implements Mutations.Workload {
    private static final VolumeOptions OPTIONS = PreparedPool.OPTIONS;
    private static final VolumeOptions STRICTATIME =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.STRICTATIME, "auto", false, false);
    private static final int BLOCK = 4096;
    private static final long SMALL = PreparedPool.BYTES;

    /** A group, and a short one. */
    private static final long TWO_GROUPS = (128L + 16) << 20;

    /** Of 2 MiB; one transaction allocates 128 MiB. */
    private static final int MORE_THAN_A_STEP = 66;

    private final String name;
    private final long poolBytes;
    private final boolean dataChecksums;
    private final VolumeOptions volumeOptions;
    private final CrashOptions options;
    private final CrashWorkload.Step setUp;
    private final CrashWorkload.Step step;

    // Of the run under way.
    private long freeAfterMkfs;
    private TreeSnapshot after;

    private SoundWorkload(
            String name,
            long poolBytes,
            boolean dataChecksums,
            VolumeOptions volumeOptions,
            CrashOptions options,
            CrashWorkload.Step setUp,
            CrashWorkload.Step step) {
        this.name = name;
        this.poolBytes = poolBytes;
        this.dataChecksums = dataChecksums;
        this.volumeOptions = volumeOptions;
        this.options = options;
        this.setUp = setUp;
        this.step = step;
    }

    static List<SoundWorkload> all(CrashOptions options) {
        CrashWorkload.Step nothing = v -> {};
        CrashWorkload.Step reused = v -> {
            // Wherever the next block lies, it had a checksum.
            long old = v.create(FileSystem.ROOT_INO, "old");
            byte[] some = bytes(64, 1);
            for (long room = v.blocksAboveReserve() - 64; room > 64; room -= 64) {
                v.write(old, room * BLOCK, some);
            }
            v.unlink(FileSystem.ROOT_INO, "old");
        };
        return List.of(
                plain(options, "an inode chunk and a bucket fill", nothing, v -> {
                    for (int i = 0; i < 20; i++) {
                        v.create(FileSystem.ROOT_INO, "name" + "x".repeat(200) + i);
                    }
                }),
                plain(options, "write of an eighth piece", v -> pieces(v, 7), v -> pieces(v, 8)),
                plain(options, "truncate of many pieces", v -> pieces(v, 500), v -> v.truncate(file(v), 100)),
                plain(
                        options,
                        "allocate more than there is",
                        v -> pieces(v, 500),
                        v -> v.fallocate(file(v), 0, 0, SMALL)),
                plain(options, "times of what a process stored", v -> pieces(v, 1), v -> {
                    long file = file(v);
                    long stamp = v.volume.core().locks.lockExclusive(file);
                    try {
                        v.volume.core().mappings.touchLocked(file);
                    } finally {
                        v.volume.core().locks.unlock(file, stamp);
                    }
                }),
                new SoundWorkload(
                        "read", SMALL, false, STRICTATIME, options, v -> pieces(v, 1), v -> v.read(file(v), 0, 10)),
                new SoundWorkload(
                        "write where a checksum was", SMALL, true, OPTIONS, options, reused, v -> pieces(v, 3)),
                new SoundWorkload(
                        "replace where a checksum was",
                        SMALL,
                        true,
                        OPTIONS.withAtomicData(),
                        options,
                        v -> {
                            pieces(v, 3);
                            reused.run(v);
                        },
                        v -> v.write(file(v), 10, bytes(1, 7))),
                new SoundWorkload(
                        "allocate until the host is full",
                        TWO_GROUPS,
                        false,
                        OPTIONS,
                        options,
                        v -> v.create(FileSystem.ROOT_INO, "file"),
                        v -> {
                            ScarceHost host = (ScarceHost) v.host;
                            host.grant(MORE_THAN_A_STEP);
                            try {
                                v.fallocate(file(v), FileSystem.FALLOC_KEEP_SIZE, 0, 134L << 20);
                            } finally {
                                host.grant(Integer.MAX_VALUE);
                            }
                        }),
                new SoundWorkload(
                        "a group is taken into use",
                        TWO_GROUPS,
                        false,
                        OPTIONS,
                        options,
                        v -> v.fallocate(
                                v.create(FileSystem.ROOT_INO, "first"), FileSystem.FALLOC_KEEP_SIZE, 0, 120L << 20),
                        v -> v.fallocate(
                                v.create(FileSystem.ROOT_INO, "second"), FileSystem.FALLOC_KEEP_SIZE, 0, 12L << 20)));
    }

    private static SoundWorkload plain(
            CrashOptions options, String name, CrashWorkload.Step setUp, CrashWorkload.Step step) {
        return new SoundWorkload(name, SMALL, false, OPTIONS, options, setUp, step);
    }

    private static byte[] bytes(int blocks, int seed) {
        return OperationWorkloads.bytes(blocks * BLOCK, seed);
    }

    private static long file(TestVolume v) throws FsException {
        return v.lookup(FileSystem.ROOT_INO, "file");
    }

    /** Every second block, up to so many. */
    private static void pieces(TestVolume v, int count) throws FsException {
        long file = file(v) == 0 ? v.create(FileSystem.ROOT_INO, "file") : file(v);
        for (long i = (v.stat(file).sizeBytes + BLOCK) / (2 * BLOCK); i < count; i++) {
            v.write(file, 2 * i * BLOCK, bytes(1, (int) i), 0);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        long base = TestVolume.map(poolBytes);
        byte[] stale = new byte[1 << 20];
        Arrays.fill(stale, (byte) 0xee);
        for (long at = 0; at < poolBytes; at += stale.length) {
            RawMemory.copyIn(stale, 0, base + at, stale.length);
        }
        try (CrashRecorder recorder = CrashRecorder.of(base, poolBytes)) {
            PoolMemory memory = new PoolMemory(base, poolBytes, recorder, recorder);
            Formatter.write(memory, TestVolume.UNLIMITED, "test", new UUID(1, 2), dataChecksums);
            try (TestVolume v = new TestVolume(memory, volumeOptions, new ScarceHost())) {
                freeAfterMkfs = v.freeBlocks();
                setUp.run(v);
                prepare.accept(recorder);
                recorder.startTrace();
                recorder.mark(name);
                CrashWorkload.runOnItsOwnThread(this::attempt, v);
                after = TreeSnapshot.of(v);
                try (CrashImages images = CrashImages.of(name, recorder.stopTrace(), options)) {
                    return images.visit(this::check);
                }
            }
        } finally {
            LibC.INSTANCE.munmap(base, poolBytes);
        }
    }

    /** What fails, for lack of space, changes nothing in the end. */
    private void attempt(TestVolume v) throws FsException {
        TreeSnapshot before = TreeSnapshot.of(v);
        try {
            step.run(v);
        } catch (FsException e) {
            List<String> differences = TreeSnapshot.of(v).differences(before);
            if (!differences.isEmpty()) {
                throw new AssertionError(differences.toString(), e);
            }
        }
    }

    private void check(CrashImage image) throws FsException, PoolException {
        CheckReport report = requireSound(image, "fsck");
        try (TestVolume v = new TestVolume(image.memory(), volumeOptions)) {
            if (image.point().moment() == CrashPoint.Moment.END) {
                CrashOracle.requireChecksums(report);
                List<String> differences = TreeSnapshot.of(v).differences(after);
                if (!differences.isEmpty()) {
                    throw new AssertionError(differences.toString());
                }
            }
            requireSound(image, "fsck after recovery");
            CrashOracle.deleteEverything(v, FileSystem.ROOT_INO);
            if (v.freeBlocks() != freeAfterMkfs) {
                throw new AssertionError(v.freeBlocks() + " blocks free, not " + freeAfterMkfs);
            }
        }
        requireSound(image, "fsck after deleting everything");
    }

    private static CheckReport requireSound(CrashImage image, String when) {
        CheckReport report = Checker.check(image.memory(), new CheckMode(false, true), line -> {});
        if (!report.findings().isEmpty()) {
            throw new AssertionError(when + ": " + report.findings());
        }
        return report;
    }
}
