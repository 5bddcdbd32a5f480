package org.radax.fuse.jnr;

import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.radax.core.os.Scarcity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that serve a mount: as many at any time as were started, and those that wait for a lock besides. */
final class ServerThreads {
    private static final Logger LOG = LoggerFactory.getLogger(ServerThreads.class);
    private static final long STALE_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final long fuseSession;
    private final int device;
    private final long capacity;

    /** For all: libfuse answers an interrupt when it likes, perhaps after the thread that read it ended. */
    private final ReplyChannel replies;

    private final VolumeOperations operations;
    private final Phaser living = new Phaser();
    private final LongAdder requests = new LongAdder();
    private final StaleNames staleNames = new StaleNames(STALE_PATIENCE_NANOS);
    private volatile boolean ending;

    ServerThreads(LibFuse libFuse, long fuseSession, long channel, VolumeOperations operations) {
        this.fuseSession = fuseSession;
        this.device = libFuse.fuse_chan_fd(channel);
        this.capacity = libFuse.fuse_chan_bufsize(channel);
        this.replies = new ReplyChannel(
                libFuse, device, capacity, (reply, iovecs, count) -> ServerThread.answer(iovecs, count));
        this.operations = operations;
    }

    void start(int count) {
        living.bulkRegister(count);
        for (int i = 0; i < count; i++) {
            startOne();
        }
    }

    private void startOne() {
        ServerThread thread = new ServerThread(this, replies, fuseSession, device, capacity);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            thread.discard();
            throw e;
        }
    }

    /** Starts another, to take the place of one that waits; false: there is no memory for it, or no thread. */
    boolean startStandIn() {
        living.register();
        try {
            startOne();
            return true;
        } catch (OutOfMemoryError e) {
            living.arriveAndDeregister();
            Scarcity.survive(
                    LOG, "the log", () -> LOG.error("nobody in the place of a thread that waits: {}", e.toString()));
            return false;
        }
    }

    /** A request was read. */
    void counted() {
        requests.increment();
    }

    /** The kernel gives up waiting for the answer to a request. */
    void interrupted(long unique) {
        operations.interrupt(unique);
    }

    StaleNames staleNames() {
        return staleNames;
    }

    /** A thread ends; {@code gone}: because the mount is, and nobody will unlock any more. */
    void ended(boolean gone) {
        if (gone) {
            operations.endWaits();
        }
        living.arriveAndDeregister();
    }

    /** Each ends after the request it serves, or the next one it gets. */
    void end() {
        ending = true;
        operations.endWaits();
    }

    boolean ending() {
        return ending;
    }

    /** Once, after the start. */
    void awaitEnd() {
        // Each arrives by leaving: the phase ends with the last.
        living.awaitAdvance(0);
        replies.close();
    }

    long requests() {
        return requests.sum();
    }
}
