package org.radax.fuse.jnr;

import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.LongAdder;

/** The threads that serve a mount: as many at any time as were started, and those that wait for a lock besides. */
final class ServerThreads {
    private final LibFuse libFuse;
    private final long fuseSession;
    private final long channel;
    private final VolumeOperations operations;
    private final Phaser living = new Phaser();
    private final LongAdder requests = new LongAdder();
    private final StaleNames staleNames = new StaleNames();
    private volatile boolean ending;

    ServerThreads(LibFuse libFuse, long fuseSession, long channel, VolumeOperations operations) {
        this.libFuse = libFuse;
        this.fuseSession = fuseSession;
        this.channel = channel;
        this.operations = operations;
    }

    void start(int count) {
        living.bulkRegister(count);
        for (int i = 0; i < count; i++) {
            new ServerThread(this, libFuse, fuseSession, channel).start();
        }
    }

    /** Starts another, to take the place of one that waits. */
    void startStandIn() {
        start(1);
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

    void awaitEnd() {
        // Each arrives by leaving: the phase ends with the last.
        living.awaitAdvance(0);
    }

    long requests() {
        return requests.sum();
    }
}
