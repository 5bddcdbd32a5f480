package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.crash.CrashOptions;
import org.radax.core.error.FsException;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.StoreObserver;
import org.radax.core.scrub.ScrubFinding;

/**
 * Each operation stands still behind each of its stores, while a scrub comes by: it waits at the lock of what is half
 * stored, or finds nothing there.
 */
@Timeout(300)
final class HalfStoredScrubTest {
    private static final long POOL_BYTES = 16L << 20;

    /** A store of the stopped thread, by number; the thread stands still behind it. */
    private static final class StopAtStore implements StoreObserver {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile Thread stopped;
        private int storesLeft;

        void arm(Thread thread, int store) {
            storesLeft = store;
            stopped = thread;
        }

        @Override
        public void stored(long poolOffset, long lengthBytes) {
            if (Thread.currentThread() == stopped && storesLeft-- == 0) {
                reached.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private static FutureTask<Void> task(TestVolume v, CrashWorkload.Step step) {
        return new FutureTask<>(() -> {
            step.run(v);
            return null;
        });
    }

    /** Runs a step until its store of this number; null if it has fewer, and so is done. */
    private static FutureTask<Void> stopAt(TestVolume v, StopAtStore stop, int store, CrashWorkload.Step step)
            throws Exception {
        FutureTask<Void> task = task(v, step);
        Thread thread = new Thread(task, "stopped");
        stop.arm(thread, store);
        thread.start();
        while (stop.reached.getCount() > 0 && !task.isDone()) {
            Thread.onSpinWait();
        }
        if (stop.reached.getCount() > 0) {
            task.get();
            return null;
        }
        return task;
    }

    /** Waits until a thread waits for somebody, or is done. */
    private static void awaitRest(Thread thread) {
        Thread.State state = thread.getState();
        while (state == Thread.State.RUNNABLE || state == Thread.State.NEW) {
            Thread.onSpinWait();
            state = thread.getState();
        }
    }

    private static TestVolume volume(StopAtStore stop) throws FsException {
        return new TestVolume(TestVolume.map(POOL_BYTES), POOL_BYTES, new NoDomain(), stop, VolumeOptions.defaults());
    }

    private static int stopEverywhere(String name, CrashWorkload.Step step) throws Exception {
        for (int store = 0; ; store++) {
            StopAtStore stop = new StopAtStore();
            try (TestVolume v = volume(stop)) {
                OperationWorkloads.setUp(v);
                FutureTask<Void> operation = stopAt(v, stop, store, step);
                if (operation == null) {
                    return store;
                }
                List<ScrubFinding> findings = new ArrayList<>();
                FutureTask<Void> scrub = task(
                        v,
                        any -> findings.addAll(
                                any.volume.scrub((d, w, f) -> true).findings()));
                Thread scrubber = new Thread(scrub, "scrubber");
                scrubber.start();
                awaitRest(scrubber);
                stop.released.countDown();
                operation.get();
                scrub.get();
                assertEquals(List.of(), findings, name + ", behind store " + store);
            }
        }
    }

    @Test
    void shouldFindNothingBehindAnyStore() throws Exception {
        int stores = 0;
        for (CrashWorkload workload : OperationWorkloads.all(CrashOptions.oneOperation())) {
            stores += stopEverywhere(workload.name(), workload.operation());
        }
        stores += stopEverywhere("tmpfile", v -> {
            Attributes made = new Attributes();
            OpenFile file = v.volume.tmpfile(TestVolume.ROOT, ROOT_INO, 0600, 2, made);
            v.volume.forget(made.ino, 1);
            v.volume.release(file);
        });
        assertTrue(stores > 500, stores + " stores");
    }

    /** The scrub has seen that an inode is in use; then it is given up, and made again while the scrub comes to it. */
    @Test
    void shouldFindNothingInAnInodeThatIsBeingMadeAgain() throws Exception {
        boolean more = true;
        for (int at = 1; more; at++) {
            int stores = 0;
            for (boolean stopped = true; stopped; stores++) {
                StopAtStore stop = new StopAtStore();
                try (TestVolume v = volume(stop)) {
                    long file = v.create(v.mkdir(ROOT_INO, "dir"), "file");
                    v.write(file, 0, new byte[10_000]);
                    Meeting meeting = new Meeting(v, stop, at, stores);
                    more = meeting.happens();
                    stopped = meeting.maker != null;
                }
            }
        }
    }

    /** Who makes an inode holds no lock of its own on it. */
    @Test
    void shouldNotTakeAnInodeForWholeThatIsBeingMade() throws Exception {
        StopAtStore stop = new StopAtStore();
        try (TestVolume v = volume(stop)) {
            long file = v.create(ROOT_INO, "file");
            FutureTask<Void> maker = stopAt(v, stop, 2, any -> any.create(ROOT_INO, "another"));
            FutureTask<Void> asking =
                    task(v, any -> assertTrue(any.volume.core().inodes.isWhole(file)));
            Thread asker = new Thread(asking, "asker");
            asker.start();
            awaitRest(asker);
            assertFalse(asking.isDone());
            stop.released.countDown();
            maker.get();
            asking.get();
        }
    }

    /** A scrub after a number of steps, and behind a store whoever makes a file again. */
    private static final class Meeting {
        private final TestVolume v;
        private final StopAtStore stop;
        private final int store;
        private int stepsLeft;
        /** Who makes the file again; null if that has fewer stores. */
        FutureTask<Void> maker;

        Meeting(TestVolume v, StopAtStore stop, int step, int store) {
            this.v = v;
            this.stop = stop;
            this.store = store;
            this.stepsLeft = step;
        }

        /** False if the scrub has fewer steps. */
        boolean happens() throws Exception {
            List<ScrubFinding> findings = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(1);
            FutureTask<Void> scrub = task(
                    v,
                    any -> findings.addAll(any.volume
                            .scrub((done, whole, found) -> {
                                if (--stepsLeft == 0) {
                                    makeAgain();
                                    begun.countDown();
                                }
                                return true;
                            })
                            .findings()));
            Thread scrubber = new Thread(scrub, "scrubber");
            scrubber.start();
            while (begun.getCount() > 0 && !scrub.isDone()) {
                Thread.onSpinWait();
            }
            awaitRest(scrubber);
            stop.released.countDown();
            scrub.get();
            if (maker != null) {
                maker.get();
            }
            assertEquals(List.of(), findings, "behind store " + store);
            return stepsLeft <= 0;
        }

        private void makeAgain() {
            try {
                v.unlink(v.lookup(ROOT_INO, "dir"), "file");
                maker = stopAt(v, stop, store, any -> any.create(ROOT_INO, "again"));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
