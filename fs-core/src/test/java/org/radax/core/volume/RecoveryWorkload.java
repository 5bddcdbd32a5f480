package org.radax.core.volume;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.Mutations;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;

/** Crashes amid the recovery of a pool with a live record, and amid what comes next: the record's change is there. */
final class RecoveryWorkload implements Mutations.Workload {
    private static final long BYTES = PreparedPool.BYTES;

    private final CrashOptions options;

    /** A pool with a live record; 0: not made yet. */
    private long crashed;

    RecoveryWorkload(CrashOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return "recovery, and a change after it";
    }

    @Override
    public CrashSummary run(Consumer<CrashRecorder> prepare) throws Exception {
        if (crashed == 0) {
            crash();
        }
        long base = TestVolume.map(BYTES);
        RawMemory.copy(crashed, base, BYTES);
        StoppedClock.stopAt(PreparedPool.START_NANOS + 1_000_000_000L);
        try (CrashRecorder recorder = CrashRecorder.of(base, BYTES)) {
            prepare.accept(recorder);
            PoolMemory memory = new PoolMemory(base, BYTES, recorder, recorder);
            CrashPromises promises = new CrashPromises();
            recorder.startTrace();
            recorder.mark("mount");
            try (TestVolume v = new TestVolume(memory, PreparedPool.OPTIONS)) {
                CrashPromises.Promise recovered = CrashPromises.Promise.of(TreeSnapshot.of(v));
                promises.add(recovered, recovered);
                for (String next : new String[] {"next", "last"}) {
                    CrashPromises.Promise before = CrashPromises.Promise.of(TreeSnapshot.of(v));
                    recorder.mark(next);
                    CrashWorkload.runOnItsOwnThread(volume -> volume.create(FileSystem.ROOT_INO, next), v);
                    TreeSnapshot after = TreeSnapshot.of(v);
                    promises.add(
                            before,
                            new CrashPromises.Promise(List.of(before.states().get(0), after), false, Map.of()));
                }
                recorder.mark("done");
                CrashPromises.Promise done = CrashPromises.Promise.of(TreeSnapshot.of(v));
                promises.add(done, done);
                CrashOracle oracle =
                        new CrashOracle(promises, PreparedPool.OPTIONS, OperationWorkloads.POOL.freeAfterMkfs());
                try (CrashImages images = CrashImages.of(name(), recorder.stopTrace(), options)) {
                    return images.visit(oracle);
                }
            }
        } finally {
            StoppedClock.release();
            LibC.INSTANCE.munmap(base, BYTES);
        }
    }

    /** Amid a rename: the first image of which a mount replays a record. */
    private void crash() throws Exception {
        CrashWorkload rename = OperationWorkloads.all(options).stream()
                .filter(workload -> workload.name().equals("rename to other directory"))
                .findFirst()
                .orElseThrow();
        rename.recorded(recorder -> {}, (images, oracle) -> images.visit(this::keepIfLive));
    }

    private void keepIfLive(CrashImage image) throws FsException, PoolException {
        if (crashed != 0) {
            return;
        }
        boolean isLive;
        try (TestVolume v = new TestVolume(image.memory(), PreparedPool.OPTIONS)) {
            isLive = v.volume.info().remarks().stream().anyMatch(remark -> remark.startsWith("replayed"));
        }
        image.undo();
        if (isLive) {
            crashed = TestVolume.map(BYTES);
            RawMemory.copy(image.memory().address(0, BYTES), crashed, BYTES);
        }
    }
}
