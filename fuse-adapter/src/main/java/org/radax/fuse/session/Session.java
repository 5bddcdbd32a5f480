package org.radax.fuse.session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.dispatch.DispatchPolicy;
import org.radax.fuse.dispatch.Latencies;
import org.radax.fuse.dispatch.Shared;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mounted filesystem's conversation with the kernel, from INIT to the last reply. */
public final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final FileSystem fileSystem;
    private final Device device;
    private final SessionOptions options;
    private final Notifier notifier;
    private final List<Device> clones = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private Negotiation agreed;
    private Shared shared;
    private ServerThreads threads;

    /** Takes over the device, and closes it at the end. */
    public Session(FileSystem fileSystem, Device device, SessionOptions options) {
        this.fileSystem = fileSystem;
        this.device = device;
        this.options = options;
        this.notifier = new Notifier(device);
    }

    /** Answers INIT and starts serving. {@code whenEnded} runs after the last thread ended and all files are closed. */
    public void start(Runnable whenEnded) throws IOException {
        agreed = new Handshake(options).run(device);
        DispatchPolicy policy = options.direct() ? DispatchPolicy.uncached() : DispatchPolicy.caching();
        if (agreed.hasAcls()) {
            policy = policy.withAcls();
        }
        if (agreed.hasDirectMappings()) {
            policy = policy.withDirectMappings();
        }
        shared = new Shared(fileSystem, policy, notifier);
        notifier.start();
        threads = new ServerThreads(shared, options.spinMicros());
        shared.changes().whenWaiting(threads::standIn);
        List<Device> devices = new ArrayList<>();
        for (int i = 0; i < options.threads(); i++) {
            devices.add(i == 0 ? device : cloneOrShare());
        }
        threads.start(devices);
        Thread reaper = new Thread(() -> reap(whenEnded), "radax-fuse-end");
        reaper.setDaemon(true);
        reaper.start();
    }

    private Device cloneOrShare() {
        Device clone = device.cloneOrNull();
        if (clone == null) {
            return device;
        }
        clones.add(clone);
        return clone;
    }

    private void reap(Runnable whenEnded) {
        threads.awaitEnd();
        try {
            notifier.end();
        } catch (InterruptedException e) {
            LOG.warn("waiting for the end of the session: interrupted");
            Thread.currentThread().interrupt();
        }
        shared.releaseAll();
        clones.forEach(Device::close);
        device.close();
        try {
            whenEnded.run();
        } finally {
            ended.countDown();
        }
    }

    /** Each server thread ends after the request it serves, or the next one it gets. */
    public void end() {
        threads.end();
    }

    /** Waits until the kernel let go and all threads ended. */
    public boolean awaitEnd(long timeoutMillis) throws InterruptedException {
        return ended.await(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** What INIT settled; after {@link #start}. */
    public Negotiation agreed() {
        return agreed;
    }

    public Notifier notifier() {
        return notifier;
    }

    public Latencies latencies() {
        return shared.latencies();
    }

    /** Server threads that have a queue of their own. */
    public int ownQueues() {
        return clones.size() + 1;
    }

    /** Requests read so far. */
    public long requests() {
        return threads.requests();
    }
}
