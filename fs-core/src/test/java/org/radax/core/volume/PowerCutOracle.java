package org.radax.core.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;

/** The general oracle for pools in files, which power cuts amid one operation of a mount left. They stay as they are. */
public final class PowerCutOracle {
    private static final VolumeOptions OPTIONS =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, false);

    /** What a power cut may leave of the operation. What it left is there once it has returned, in each case. */
    public enum Promises {
        /** All of it or nothing. */
        WHOLE,
        /** Each byte old or new. */
        TORN,
        /** Some of it: it is several operations. */
        PARTS,
        /** All or nothing, and when it has returned, a volume that was unmounted. */
        CLEAN
    }

    private final TreeSnapshot after;
    private final CrashPromises.Promise during;
    private final Promises promises;
    private long freeWhenEmpty;

    /**
     * @param before what the operation began with
     * @param after what it left
     */
    public PowerCutOracle(Path before, Path after, Promises promises) throws FsException, PoolException {
        TreeSnapshot began = snapshot(before);
        this.after = snapshot(after);
        this.promises = promises;
        this.during = new CrashPromises.Promise(List.of(began, this.after), promises == Promises.TORN, Map.of());
    }

    private TreeSnapshot snapshot(Path image) throws FsException, PoolException {
        try (PoolFile file = PoolFile.open(image, false);
                TestVolume v = new TestVolume(memory(file), OPTIONS)) {
            TreeSnapshot snapshot = TreeSnapshot.of(v);
            CrashOracle.deleteEverything(v, FileSystem.ROOT_INO);
            freeWhenEmpty = v.freeBlocks();
            return snapshot;
        }
    }

    /** A private view. */
    private static PoolMemory memory(PoolFile file) {
        return new PoolMemory(file.base(), file.sizeBytes(), new NoDomain(), null);
    }

    /**
     * Looks at what one power cut left.
     *
     * @param returned whether the operation had
     */
    public void check(Path image, boolean returned) throws FsException, PoolException {
        try (PoolFile file = PoolFile.open(image, false)) {
            PoolMemory memory = memory(file);
            CheckReport report = requireSound(memory, "fsck");
            if (returned) {
                CrashOracle.requireChecksums(report);
            }
            if (returned && promises == Promises.CLEAN) {
                LifeCycleWorkload.requireClean(memory, "when it has returned");
            }
            try (TestVolume v = new TestVolume(memory, OPTIONS)) {
                TreeSnapshot found = TreeSnapshot.of(v);
                List<String> differences = returned ? found.differences(after) : during.differences(found);
                if (!differences.isEmpty() && (returned || promises != Promises.PARTS)) {
                    throw new AssertionError(differences.toString());
                }
                requireSound(memory, "fsck after recovery");
                CrashOracle.deleteEverything(v, FileSystem.ROOT_INO);
                requireSound(memory, "fsck after deleting everything");
                if (v.freeBlocks() != freeWhenEmpty) {
                    throw new AssertionError(v.freeBlocks() + " blocks free, not " + freeWhenEmpty);
                }
            }
        }
    }

    private static CheckReport requireSound(PoolMemory memory, String when) {
        CheckReport report = Checker.check(memory, new CheckMode(false, true), line -> {});
        if (!report.findings().isEmpty()) {
            throw new AssertionError(when + ": " + report.findings());
        }
        return report;
    }
}
