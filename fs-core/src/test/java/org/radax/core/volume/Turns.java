package org.radax.core.volume;

import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.radax.core.pool.PersistenceDomain;

/**
 * A persistence domain that lets two threads run in turns, which change at fences alone, in an order that a seed decides. A
 * thread that waits for the other's lock gives up its turn.
 */
final class Turns implements PersistenceDomain {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** A thread that waits may be about to go on: what it waits for is another workload's, and short. */
    private static final int SETTLED_LOOKS = 4;

    private static final long LOOK_NANOS = 20_000;

    interface Work {
        void run() throws Exception;
    }

    private enum Phase {
        AT_GATE,
        RELEASED,
        RUNNING,
        DONE
    }

    private static final class Runner extends Thread {
        private final Work work;
        private final Thread director = Thread.currentThread();
        private final Semaphore gate = new Semaphore(0);
        private volatile Phase phase = Phase.RUNNING;
        private volatile Throwable failure;

        private Runner(String name, Work work) {
            super(name);
            this.work = work;
        }

        @Override
        public void run() {
            awaitTurn();
            try {
                work.run();
            } catch (Exception | Error e) {
                failure = e;
            }
            enter(Phase.DONE);
        }

        private void enter(Phase next) {
            phase = next;
            LockSupport.unpark(director);
        }

        private void awaitTurn() {
            enter(Phase.AT_GATE);
            gate.acquireUninterruptibly();
            phase = Phase.RUNNING;
        }

        private void release() {
            phase = Phase.RELEASED;
            gate.release();
        }

        private boolean isAtRest() {
            return phase == Phase.AT_GATE || phase == Phase.DONE;
        }

        /** For a lock, as it seems. */
        private boolean waits() {
            State state = getState();
            return phase == Phase.RUNNING
                    && (state == State.WAITING || state == State.BLOCKED || state == State.TIMED_WAITING);
        }
    }

    private final PersistenceDomain domain;

    Turns(PersistenceDomain domain) {
        this.domain = domain;
    }

    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        domain.writeBack(poolOffset, lengthBytes);
    }

    @Override
    public void fence() {
        if (Thread.currentThread() instanceof Runner runner) {
            runner.awaitTurn();
        }
        domain.fence();
    }

    @Override
    public String name() {
        return domain.name();
    }

    /**
     * Runs both to their ends. AssertionError if they wait for each other.
     *
     * @param returned told at once which of them has
     */
    static void run(Random random, List<Work> works, IntConsumer returned) throws InterruptedException {
        List<Runner> runners = works.stream()
                .map(work -> new Runner("turns " + works.indexOf(work), work))
                .toList();
        runners.forEach(Thread::start);
        boolean[] told = new boolean[runners.size()];
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        // Who had the lock that the other one waits for: it goes on alone, since when the other one wakes is not to be
        // told.
        Runner holder = null;
        int left = runners.size();
        while (left > 0) {
            settle(runners, deadline);
            for (int i : inOrder(runners, holder)) {
                boolean isNext = holder == null || holder == runners.get(i) || holder.phase == Phase.DONE;
                if (!told[i] && isNext && runners.get(i).phase == Phase.DONE) {
                    told[i] = true;
                    left--;
                    returned.accept(i);
                }
            }
            List<Runner> ready = runners.stream()
                    .filter(runner -> runner.phase == Phase.AT_GATE)
                    .toList();
            if (ready.size() == 1 && left == 2) {
                holder = ready.get(0);
            }
            if (holder != null && holder.phase == Phase.AT_GATE) {
                holder.release();
            } else if (!ready.isEmpty()) {
                ready.get(random.nextInt(ready.size())).release();
            } else if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("the two wait for each other");
            }
        }
        for (Runner runner : runners) {
            runner.join();
            if (runner.failure != null) {
                throw new AssertionError(runner.getName() + ": " + runner.failure, runner.failure);
            }
        }
    }

    /** The holder first. */
    private static int[] inOrder(List<Runner> runners, Runner holder) {
        return holder == runners.get(1) ? new int[] {1, 0} : new int[] {0, 1};
    }

    /** Until each is at the gate or at its end, or waits for the other. */
    private static void settle(List<Runner> runners, long deadline) {
        int seen = 0;
        while (seen < SETTLED_LOOKS && !runners.stream().allMatch(Runner::isAtRest)) {
            // Whose other has returned waits for nothing any more, or not for long.
            boolean mayWait = runners.stream().noneMatch(runner -> runner.phase == Phase.DONE);
            boolean wait = mayWait && runners.stream().allMatch(runner -> runner.isAtRest() || runner.waits());
            seen = wait ? seen + 1 : 0;
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("a thread does not come to a fence, nor to its end");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
