package org.radax.core.attack;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.check.Finding;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.volume.TestVolume;
import org.radax.core.volume.Volume;
import org.radax.core.volume.VolumeOptions;

/**
 * What a damaged pool may do: be refused, or have operations fail, with an error number. Checked, mounted for reading and
 * for writing, used and abused, unmounted, checked, repaired, and checked again, one pool after another.
 */
final class Attack implements AutoCloseable {
    private static final long MAX_NANOS = 5_000_000_000L;
    private static final long MAX_ALLOCATED = 1L << 30;
    private static final VolumeOptions READ_ONLY =
            new VolumeOptions(true, VolumeOptions.Dax.INODE, VolumeOptions.Access.RELATIME, "auto", true, false);

    /** What is done to a pool that was damaged. */
    enum Stage {
        /** Twice, with the same result. */
        CHECK,
        /** Mounted for reading. */
        READ,
        /** Mounted, checked, mounted. */
        USE,
        /** Twice, and mounted. */
        REPAIR
    }

    private final AttackedPool pool;
    final Structures structures;
    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long mounted;
    private long refused;

    Attack(byte[] sound) {
        pool = new AttackedPool(sound);
        structures = new Structures(pool.memory);
    }

    long mounted() {
        return mounted;
    }

    long refused() {
        return refused;
    }

    int byteAt(long poolOffset) {
        return pool.memory.getByte(poolOffset);
    }

    /** Damages the pool and attacks it with it; what it did wrong, or null. In 5 s at most. */
    String run(List<Step> recipe) throws InterruptedException {
        return run(recipe, EnumSet.allOf(Stage.class));
    }

    /** As {@link #run(List)}, in part. */
    String run(List<Step> recipe, Set<Stage> stages) throws InterruptedException {
        AtomicReference<String> verdict = new AtomicReference<>("no end after 5 s");
        Thread worker = new Thread(() -> verdict.set(judge(recipe, stages)), "attack");
        worker.setDaemon(true);
        worker.start();
        worker.join(MAX_NANOS / 1_000_000);
        if (worker.isAlive()) {
            StringBuilder stack = new StringBuilder("no end after 5 s:");
            for (StackTraceElement element : worker.getStackTrace()) {
                stack.append("\n  at ").append(element);
            }
            return stack.toString();
        }
        return verdict.get();
    }

    private String judge(List<Step> recipe, Set<Stage> stages) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        try {
            attack(recipe, stages);
        } catch (AssertionError | RuntimeException | InternalError | StackOverflowError | OutOfMemoryError e) {
            StringBuilder text = new StringBuilder(e.toString());
            for (StackTraceElement element : e.getStackTrace()) {
                text.append("\n  at ").append(element);
            }
            return text.toString();
        }
        long used = threads.getCurrentThreadAllocatedBytes() - allocated;
        return used > MAX_ALLOCATED ? used + " bytes allocated" : null;
    }

    private void attack(List<Step> recipe, Set<Stage> stages) {
        for (Stage stage : stages) {
            damage(recipe);
            switch (stage) {
                case CHECK -> check(recipe);
                case READ -> mount(READ_ONLY, false);
                case USE -> use();
                case REPAIR -> repair();
            }
        }
        pool.heal();
    }

    private void check(List<Step> recipe) {
        CheckReport found = Checker.check(pool.memory, false, line -> {});
        damage(recipe);
        if (!found.findings()
                .equals(Checker.check(pool.memory, false, line -> {}).findings())) {
            throw new AssertionError("two checks of one pool differ");
        }
    }

    private void use() {
        mount(VolumeOptions.defaults(), true);
        Checker.check(pool.memory, false, line -> {});
        mount(VolumeOptions.defaults(), true);
    }

    void damage(List<Step> recipe) {
        pool.heal();
        recipe.forEach(step -> step.apply(pool.memory, structures));
    }

    private void mount(VolumeOptions options, boolean changes) {
        try (Volume volume = Volume.open(pool.memory, TestVolume.UNLIMITED, null, options)) {
            mounted++;
            new Intruder(pool, volume, changes).run();
            scrub(volume);
        } catch (PoolException e) {
            refused++;
        }
    }

    private static void scrub(Volume volume) {
        try {
            volume.scrub((done, whole, found) -> true);
        } catch (FsException e) {
            if (e.errno() != Errno.EIO) {
                throw new AssertionError(e);
            }
        }
    }

    /** What one repair leaves, the next leaves too, and finds nothing else. It is used then. */
    private void repair() {
        CheckReport first = Checker.check(pool.memory, true, line -> {});
        List<Finding> left =
                first.findings().stream().filter(finding -> !finding.repaired()).toList();
        CheckReport second = Checker.check(pool.memory, true, line -> {});
        if (!Set.copyOf(left).equals(Set.copyOf(second.findings()))) {
            List<Finding> more = new ArrayList<>(second.findings());
            left.forEach(more::remove);
            List<Finding> fewer = new ArrayList<>(left);
            second.findings().forEach(fewer::remove);
            throw new AssertionError("a second repair found more: " + more + ", no more: " + fewer);
        }
        mount(VolumeOptions.defaults(), true);
    }

    /** That the sound pool is used to the full. */
    void requireSound() throws FsException {
        if (!Checker.check(pool.memory, false, line -> {}).findings().isEmpty()) {
            throw new AssertionError("the sound pool is none");
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
