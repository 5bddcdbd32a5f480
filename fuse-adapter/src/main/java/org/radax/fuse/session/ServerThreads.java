package org.radax.fuse.session;

import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.radax.core.os.Scarcity;
import org.radax.fuse.dispatch.Shared;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that serve a mount: as many at any time as were started, and those besides that wait on a frozen volume. */
final class ServerThreads {
    private static final Logger LOG = LoggerFactory.getLogger(ServerThreads.class);

    /** Each costs a buffer of a megabyte. More who wait keep their threads, and reads may have none until the thaw. */
    private static final int MOST_THREADS = 1024;

    private final Shared shared;
    private final long spinNanos;
    private final Consumer<Thread> starter;
    private final Phaser living = new Phaser();
    private final AtomicInteger count = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    private volatile boolean ending;

    ServerThreads(Shared shared, int spinMicros) {
        this(shared, spinMicros, Thread::start);
    }

    ServerThreads(Shared shared, int spinMicros, Consumer<Thread> starter) {
        this.starter = starter;
        this.shared = shared;
        this.spinNanos = TimeUnit.MICROSECONDS.toNanos(spinMicros);
    }

    /** Starts one for each device. */
    void start(List<Device> devices) {
        living.bulkRegister(devices.size());
        count.addAndGet(devices.size());
        for (Device device : devices) {
            start(new ServerThread("radax-fuse-" + devices.indexOf(device), this, device, shared, spinNanos));
        }
    }

    private void start(ServerThread thread) {
        try {
            starter.accept(thread);
        } catch (OutOfMemoryError e) {
            thread.discard();
            throw e;
        }
    }

    /** Another takes this thread's place, which is about to wait; if there can be none it keeps its place. */
    void standIn() {
        if (!(Thread.currentThread() instanceof ServerThread waiting)) {
            return;
        }
        if (count.incrementAndGet() > MOST_THREADS) {
            count.decrementAndGet();
            LOG.warn("{} requests wait for the volume to thaw", MOST_THREADS);
            return;
        }
        Scarcity.survive(LOG, "a thread in the place of one that waits", () -> replace(waiting));
    }

    /** {@code waiting} is told when the other runs: without memory or threads left it is not replaced. */
    private void replace(ServerThread waiting) {
        living.register();
        try {
            start(new ServerThread(waiting.getName(), this, waiting.device(), shared, spinNanos));
        } catch (OutOfMemoryError e) {
            ended();
            throw e;
        }
        waiting.replaced();
    }

    /** A request was read. */
    void counted() {
        requests.increment();
    }

    long requests() {
        return requests.sum();
    }

    void ended() {
        count.decrementAndGet();
        living.arriveAndDeregister();
    }

    /** Each ends after the request it serves, or the next one it gets. */
    void end() {
        ending = true;
    }

    boolean ending() {
        return ending;
    }

    /** Once, after the start. */
    void awaitEnd() {
        // Each arrives by leaving: the phase ends with the last.
        living.awaitAdvance(0);
    }
}
