package org.radax.core.volume;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;
import org.radax.core.crash.CrashViolation;
import org.radax.core.crash.CrashVisitor;
import org.radax.core.error.FsException;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/**
 * The general oracle for what a crash left: the checker finds nothing; it mounts; the tree is one that was promised; the
 * checker finds nothing then either; everything can be deleted, and the free count is what mkfs left. One thread, images
 * of one trace.
 *
 * <p>Most images of a trace recover to the same few pools, but for records that are void and the line of the mount's
 * own counts: what follows the mount is done once for each of those (deleting once for those that differ in more than
 * contents), and once in a while all the same.
 */
final class CrashOracle implements CrashVisitor {
    private static final int ALL_THE_SAME = 64;
    private static final Geometry GEOMETRY = Geometry.forNewPool(PreparedPool.BYTES, false);
    private static final long MOUNT_LINE = Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH;

    private static final LongPredicate WITHOUT_WHAT_TELLS_NOTHING = CrashOracle::tellsNothing;

    /** Of a crash in recovery: at each of its points the extremes and a few more. */
    private static final CrashOptions RECOVERY = new CrashOptions(8, 1, 16, 2, 1, 1, null);

    private static final CrashOptions DEEPER = new CrashOptions(2, 0, 0, 1, 1, 1, null);

    private final CrashPromises promises;
    private final VolumeOptions options;
    private final long freeAfterMkfs;
    private final Map<Long, Recovered> recovered = new HashMap<>();
    private final Set<Integer> shapes = new HashSet<>();
    private int recoveryDepth;
    private long images;
    private long recoveryImages;

    /** A pool as it is mounted: what is seen in it, and for which promises that was found right. */
    private record Recovered(TreeSnapshot snapshot, Set<CrashPromises.Promise> kept) {}

    CrashOracle(CrashPromises promises, VolumeOptions options, long freeAfterMkfs) {
        this.promises = promises;
        this.options = options;
        this.freeAfterMkfs = freeAfterMkfs;
    }

    /** Crashes each image's recovery too, and the recovery after that, up to a depth. */
    CrashOracle crashingRecovery(int depth) {
        recoveryDepth = depth;
        return this;
    }

    /** Images of crashes during recovery so far. */
    long recoveryImages() {
        return recoveryImages;
    }

    @Override
    public void visit(CrashImage image) throws Exception {
        CrashPromises.Promise promise = promises.at(image.point());
        check(image, promise);
        if (recoveryDepth > 0) {
            crashRecovery(image, promise, recoveryDepth);
        }
    }

    /** Something found after a crash in a recovery; {@code token} tells all of the crashes. */
    static final class InRecovery extends AssertionError {
        private static final long serialVersionUID = 1;
        private final String token;

        private InRecovery(CrashViolation violation) {
            super("in recovery, " + violation, violation.cause());
            token = innermostToken(violation);
        }
    }

    /** The token of the image that something was found in, however many crashes deep. */
    static String innermostToken(CrashViolation violation) {
        return violation.cause() instanceof InRecovery deeper ? deeper.token : violation.token();
    }

    /** At every fence of the image's recovery. */
    private void crashRecovery(CrashImage image, CrashPromises.Promise promise, int depth) throws Exception {
        Recovery recovery = recover(image);
        CrashOptions few = depth == recoveryDepth ? RECOVERY : DEEPER;
        try (CrashImages interrupted = image.imagesOf(recovery.trace, few)) {
            CrashSummary summary = interrupted.visit(again -> {
                recoveryImages++;
                check(again, recovery.promise(again, promise));
                if (depth > 1) {
                    crashRecovery(again, recovery.promise(again, promise), depth - 1);
                }
            });
            if (!summary.violations().isEmpty()) {
                throw new InRecovery(summary.violations().get(0));
            }
        }
    }

    /**
     * Looks at an image that was made again, or at that of a crash in its recovery.
     *
     * @param recoveries {@code point:choice} of each crash in a recovery
     * @param shown given the image that was asked for, before it is looked at
     */
    void replay(CrashImage image, List<String> recoveries, CrashVisitor shown) throws Exception {
        replay(image, promises.at(image.point()), recoveries, shown);
    }

    private void replay(CrashImage image, CrashPromises.Promise promise, List<String> recoveries, CrashVisitor shown)
            throws Exception {
        if (recoveries.isEmpty()) {
            shown.visit(image);
            check(image, promise);
            return;
        }
        Recovery recovery = recover(image);
        String[] crash = recoveries.get(0).split(":", 2);
        try (CrashImages interrupted = image.imagesOf(recovery.trace, RECOVERY)) {
            interrupted.replay(
                    Integer.parseInt(crash[0]),
                    crash[1],
                    again -> replay(
                            again, recovery.promise(again, promise), recoveries.subList(1, recoveries.size()), shown));
        }
    }

    /** Its stores and fences, and what is seen afterwards. */
    private record Recovery(CrashTrace trace, TreeSnapshot shown) {
        /** Once it has returned, what it showed is there to stay. */
        private CrashPromises.Promise promise(CrashImage again, CrashPromises.Promise before) {
            boolean returned = again.point().moment() == CrashPoint.Moment.END;
            return returned ? CrashPromises.Promise.of(shown) : before;
        }
    }

    private Recovery recover(CrashImage image) throws FsException {
        image.undo();
        PoolMemory memory = image.recordedMemory();
        image.recorder().startTrace();
        try (TestVolume v = new TestVolume(memory, options)) {
            CrashTrace trace = image.recorder().stopTrace();
            return new Recovery(trace, TreeSnapshot.of(v));
        }
    }

    private void check(CrashImage image, CrashPromises.Promise promise) throws Exception {
        CheckReport report = requireSound(image, "fsck");
        if (image.point().moment() != CrashPoint.Moment.FENCE && !options.lazyWriteback()) {
            requireChecksums(report);
        }
        boolean allTheSame = images++ % ALL_THE_SAME == 0;
        try (TestVolume v = new TestVolume(image.memory(), options)) {
            long hash = image.hashNow(WITHOUT_WHAT_TELLS_NOTHING);
            Recovered known = allTheSame ? null : recovered.get(hash);
            if (known == null) {
                known = new Recovered(TreeSnapshot.of(v), Collections.newSetFromMap(new IdentityHashMap<>()));
                requirePromised(known, promise, image);
                requireSound(image, "fsck after recovery");
                if (allTheSame || shapes.add(known.snapshot.shape())) {
                    requireDeletable(v);
                    requireSound(image, "fsck after deleting everything");
                }
                recovered.put(hash, known);
            } else {
                requirePromised(known, promise, image);
            }
        }
    }

    private void requireDeletable(TestVolume v) throws FsException {
        deleteEverything(v, FileSystem.ROOT_INO);
        if (v.freeBlocks() != freeAfterMkfs) {
            throw new AssertionError(
                    v.freeBlocks() + " blocks free after deleting everything, " + freeAfterMkfs + " after mkfs");
        }
        v.volume.close();
    }

    private static void requirePromised(Recovered found, CrashPromises.Promise promise, CrashImage image) {
        if (found.kept.contains(promise)) {
            return;
        }
        List<String> differences = promise.differences(found.snapshot);
        if (!differences.isEmpty()) {
            boolean during = image.point().moment() == CrashPoint.Moment.FENCE;
            throw new AssertionError(
                    (during ? "none of the states promised: " : "not what was promised: ") + differences);
        }
        found.kept.add(promise);
    }

    /** What calls that returned have written has its checksum, on volumes that keep them. */
    static void requireChecksums(CheckReport report) {
        long without = report.summary().getOrDefault("dataBlocksWithoutChecksum", 0L);
        if (without != 0) {
            throw new AssertionError(without + " blocks without a checksum");
        }
    }

    private static CheckReport requireSound(CrashImage image, String when) {
        CheckReport report = Checker.check(image.memory(), new CheckMode(false, true), line -> {});
        if (!report.findings().isEmpty()) {
            throw new AssertionError(when + ": " + report.findings());
        }
        return report;
    }

    /** Of a mounted pool: the record slots, since the epoch was raised, and the line with that epoch. */
    private static boolean tellsNothing(long poolOffset) {
        long inLanes = poolOffset - GEOMETRY.laneOffset(0);
        boolean inRecord = inLanes >= 0
                && inLanes < (long) GEOMETRY.laneCount() * GEOMETRY.laneBytes()
                && inLanes % GEOMETRY.laneBytes() >= LaneLayout.RECORD;
        return inRecord || poolOffset == MOUNT_LINE;
    }

    static void deleteEverything(TestVolume v, long directory) throws FsException {
        for (String name : v.list(directory, 1000)) {
            long ino = v.lookup(directory, name);
            if (InodeFlags.isDirectory(v.stat(ino).mode)) {
                deleteEverything(v, ino);
                v.rmdir(directory, name);
            } else {
                v.unlink(directory, name);
            }
        }
    }
}
