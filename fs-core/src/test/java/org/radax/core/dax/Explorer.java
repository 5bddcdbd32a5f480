package org.radax.core.dax;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.radax.core.lock.LockOrder;

/**
 * Runs threads of production code one at a time and tries their interleavings one after the other: depth first, with
 * at most so many preemptions (as CHESS does). A thread can be overtaken wherever it locks, waits, ends a wait, or calls
 * {@link #step}. The same program takes the same way each time, so a list of choices replays a schedule.
 */
final class Explorer extends Threading {
    /** A program, freshly made for each schedule. */
    interface Program {
        List<Body> threads();

        /** After all threads ended: throws if something went wrong. */
        void check() throws Exception;
    }

    /** What one thread does. */
    record Body(String name, Steps steps) {}

    interface Steps {
        void run() throws Exception;
    }

    /** {@code failure}: null if no schedule failed. */
    record Outcome(int schedules, boolean complete, Throwable failure, List<String> schedule) {
        String story() {
            return failure + "\n" + String.join("\n", schedule);
        }
    }

    /** Ends the threads of a schedule that failed already. */
    private static final class Abandoned extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final int MOST_STEPS = 20_000;
    private static final ExecutorService POOL = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });
    private static final StackWalker WALKER = StackWalker.getInstance();

    private static final class Task {
        private final String name;
        private final Semaphore turn = new Semaphore(0);
        private BooleanSupplier ready = () -> true;
        private boolean finished;

        Task(String name) {
            this.name = name;
        }
    }

    private static final ThreadLocal<Task> CURRENT = new ThreadLocal<>();
    private final List<Task> tasks = new ArrayList<>();
    private final int mostPreemptions;
    private final List<Integer> prefix;
    private final List<Integer> choices = new ArrayList<>();
    private final List<Integer> options = new ArrayList<>();
    private final List<String> trace;
    private int preemptions;
    private volatile Throwable failure;

    private Explorer(int mostPreemptions, List<Integer> prefix, boolean tracing) {
        this.mostPreemptions = mostPreemptions;
        this.prefix = prefix;
        this.trace = tracing ? new ArrayList<>() : null;
    }

    /** Tries schedules until one fails, all are done, or there were so many. */
    static Outcome explore(int mostPreemptions, int mostSchedules, Function<Threading, Program> program) {
        List<Integer> prefix = List.of();
        for (int count = 1; count <= mostSchedules; count++) {
            Explorer explorer = new Explorer(mostPreemptions, prefix, false);
            explorer.run(program.apply(explorer));
            if (explorer.failure != null) {
                Explorer replay = new Explorer(mostPreemptions, explorer.choices, true);
                replay.run(program.apply(replay));
                return new Outcome(count, false, explorer.failure, replay.trace);
            }
            prefix = explorer.nextPrefix();
            if (prefix == null) {
                return new Outcome(count, true, null, List.of());
            }
        }
        return new Outcome(mostSchedules, false, null, List.of());
    }

    /** The next branch to take; null: there is none. */
    private List<Integer> nextPrefix() {
        for (int last = choices.size() - 1; last >= 0; last--) {
            if (choices.get(last) + 1 < options.get(last)) {
                List<Integer> next = new ArrayList<>(choices.subList(0, last));
                next.add(choices.get(last) + 1);
                return next;
            }
        }
        return null;
    }

    private void run(Program program) {
        List<Future<?>> ends = new ArrayList<>();
        for (Body body : program.threads()) {
            tasks.add(new Task(body.name));
        }
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            Steps steps = program.threads().get(i).steps;
            ends.add(POOL.submit(() -> run(task, steps)));
        }
        pass(null);
        for (Future<?> end : ends) {
            try {
                end.get();
            } catch (ExecutionException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (failure == null) {
            try {
                program.check();
            } catch (Exception | AssertionError e) {
                failure = e;
            }
        }
    }

    private void run(Task task, Steps steps) {
        CURRENT.set(task);
        LockOrder.forget();
        task.turn.acquireUninterruptibly();
        try {
            if (failure == null) {
                steps.run();
            }
        } catch (Abandoned e) {
            // Another thread has failed, and says why.
        } catch (Throwable t) {
            failure = t;
        } finally {
            task.finished = true;
            CURRENT.remove();
            pass(null);
        }
    }

    /** Lets somebody go on; {@code from}: who calls, or null if that one has ended. */
    private void pass(Task from) {
        List<Task> enabled = new ArrayList<>();
        boolean fromIsReady = from != null && from.ready.getAsBoolean();
        if (fromIsReady) {
            enabled.add(from);
        }
        for (Task task : tasks) {
            if (task != from && !task.finished && (failure != null || task.ready.getAsBoolean())) {
                enabled.add(task);
            }
        }
        if (enabled.isEmpty()) {
            if (tasks.stream().allMatch(task -> task.finished)) {
                return;
            }
            failure = new AssertionError("nobody can go on: "
                    + tasks.stream().filter(t -> !t.finished).map(t -> t.name).collect(Collectors.joining(", "))
                    + " waits for ever");
            tasks.stream()
                    .filter(task -> !task.finished && task != from)
                    .findFirst()
                    .ifPresent(t -> t.turn.release());
            return;
        }
        Task next = failure != null ? enabled.get(0) : choose(enabled, fromIsReady);
        if (next != from) {
            next.turn.release();
        }
        if (next != from && from != null) {
            from.turn.acquireUninterruptibly();
        }
    }

    private Task choose(List<Task> enabled, boolean fromIsReady) {
        int count = fromIsReady && preemptions >= mostPreemptions ? 1 : enabled.size();
        int choice = choices.size() < prefix.size() ? prefix.get(choices.size()) : 0;
        choices.add(choice);
        options.add(count);
        if (choices.size() > MOST_STEPS) {
            failure = new AssertionError("more than " + MOST_STEPS + " steps: threads run in circles");
        }
        if (fromIsReady && choice > 0) {
            preemptions++;
        }
        return enabled.get(choice);
    }

    private void point(BooleanSupplier ready) {
        Task task = CURRENT.get();
        if (task == null) {
            return;
        }
        if (failure != null) {
            throw new Abandoned();
        }
        note(task);
        task.ready = ready;
        pass(task);
        task.ready = () -> true;
        if (failure != null) {
            throw new Abandoned();
        }
    }

    private void note(Task task) {
        if (trace != null) {
            String place = WALKER.walk(frames -> frames.filter(
                            frame -> !frame.getClassName().contains("Explorer"))
                    .limit(3)
                    .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName() + ":"
                            + frame.getLineNumber())
                    .collect(Collectors.joining(" < ")));
            trace.add(task.name + "  " + place);
        }
    }

    @Override
    public void step() {
        point(() -> true);
    }

    private final class TestMutex implements Mutex {
        private boolean held;

        @Override
        public void lock() {
            point(() -> !held);
            held = true;
        }

        @Override
        public void unlock() {
            held = false;
        }
    }

    private final class TestSharedMutex implements SharedMutex {
        private int readers;
        private boolean written;

        @Override
        public void lockShared() {
            point(() -> !written);
            readers++;
        }

        @Override
        public void unlockShared() {
            readers--;
        }

        @Override
        public void lockExclusive() {
            point(() -> !written && readers == 0);
            written = true;
        }

        @Override
        public void unlockExclusive() {
            written = false;
        }
    }

    private final class TestParking implements Parking {
        private boolean ended;

        @Override
        public void await() {
            point(() -> ended);
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    /** Waits, in a test's own code. */
    void await(BooleanSupplier condition) {
        point(condition);
    }

    @Override
    public Mutex mutex() {
        return new TestMutex();
    }

    @Override
    public SharedMutex sharedMutex() {
        return new TestSharedMutex();
    }

    @Override
    public Parking parking() {
        return new TestParking();
    }
}
