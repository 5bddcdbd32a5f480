package org.radax.core.volume;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.radax.core.check.Checker;
import org.radax.core.check.Finding;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.Mutations;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.StateLayout;
import org.radax.core.os.LibC;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * mkfs over an older pool, mount, a change, unmount. Whatever a crash leaves is no pool at all (while mkfs runs), or one
 * that the checker likes: never the old pool's names over the new one's structures.
 */
final class LifeCycleWorkload implements Mutations.Workload {
    private static final long POOL_BYTES = CrashWorkload.POOL_BYTES;
    private final CrashOptions options;

    LifeCycleWorkload(CrashOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return "mkfs, mount, change, unmount";
    }

    @Override
    public CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        long base = TestVolume.map(POOL_BYTES);
        try (CrashRecorder recorder = CrashRecorder.of(base, POOL_BYTES)) {
            prepare.accept(recorder);
            PoolMemory memory = new PoolMemory(base, POOL_BYTES, recorder, recorder);
            Formatter.write(memory, TestVolume.UNLIMITED, "old", new UUID(3, 4), false);
            try (TestVolume old = new TestVolume(memory, VolumeOptions.defaults())) {
                old.write(old.create(FileSystem.ROOT_INO, "old"), 0, new byte[10_000]);
            }
            recorder.startTrace();
            recorder.mark("mkfs");
            Formatter.write(memory, TestVolume.UNLIMITED, "new", new UUID(5, 6), false);
            recorder.mark("mount");
            TestVolume v = new TestVolume(memory, VolumeOptions.defaults());
            recorder.mark("change");
            CrashWorkload.runOnItsOwnThread(volume -> volume.create(FileSystem.ROOT_INO, "new"), v);
            recorder.mark("unmount");
            v.close();
            recorder.mark("done");
            try (CrashImages images = CrashImages.of(name(), recorder.stopTrace(), options)) {
                return images.visit(this::check);
            }
        } finally {
            LibC.INSTANCE.munmap(base, POOL_BYTES);
        }
    }

    private void check(CrashImage image) throws Exception {
        int phase = image.point().phase();
        boolean during = image.point().moment() == CrashPoint.Moment.FENCE;
        if (phase > 4) {
            requireClean(image.memory(), "after the unmount");
        }
        TestVolume v;
        try {
            v = new TestVolume(image.memory(), VolumeOptions.defaults());
        } catch (PoolException e) {
            if (phase == 1 && during) {
                return;
            }
            throw e;
        }
        try (v) {
            checkTree(v, phase, during);
        }
        List<Finding> findings =
                Checker.check(image.memory(), false, line -> {}).findings();
        // Of two superblocks mkfs may have overwritten one: the other one serves, and fsck says so.
        boolean oneSuperblock = phase == 1
                && during
                && findings.stream().allMatch(finding -> finding.structure().startsWith("superblock"));
        if (!findings.isEmpty() && !oneSuperblock) {
            throw new AssertionError("fsck: " + findings);
        }
        requireClean(image.memory(), "after mount and unmount");
    }

    static void requireClean(PoolMemory memory, String when) {
        long state = Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.MOUNT_STATE;
        if (memory.getLong(state) != 1) {
            throw new AssertionError("not clean " + when);
        }
    }

    private static void checkTree(TestVolume v, int phase, boolean during) throws FsException {
        boolean old = v.lookup(FileSystem.ROOT_INO, "old") != 0;
        boolean fresh = v.lookup(FileSystem.ROOT_INO, "new") != 0;
        boolean isOld = v.volume.info().label().equals("old");
        // Phase 1: mkfs is under way, or about to begin.
        if (old != isOld || (isOld && phase > 1)) {
            throw new AssertionError("the old pool's names: " + old + ", label: "
                    + v.volume.info().label());
        }
        // Phase 3: the change is under way, or about to begin.
        if ((phase > 3 && !fresh) || (phase < 3 && fresh) || (phase == 3 && !during && fresh)) {
            throw new AssertionError("phase " + phase + ": the change is " + (fresh ? "" : "not ") + "there");
        }
    }
}
