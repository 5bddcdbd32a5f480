package org.radax.fuse.session;

import java.util.concurrent.LinkedBlockingQueue;
import org.radax.core.error.Errno;
import org.radax.core.os.RawMemory;
import org.radax.core.os.Scarcity;
import org.radax.fuse.dispatch.Notices;
import org.radax.fuse.wire.Notice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends notifications from one thread of its own. The kernel handles one inside write(2), taking locks of pages and
 * inodes that a request under way may hold: written by the thread that serves the request, both wait for ever.
 */
public final class Notifier implements Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    private final Device device;
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    /** Only used by the thread. */
    private boolean ended;

    private final long message = RawMemory.allocate(Notice.MAX_SIZE);

    Notifier(Device device) {
        this.device = device;
        this.thread = new Thread(this::run, "radax-notify");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** From any thread, under any lock: never waits. */
    @Override
    public void enqueue(Notice notice) {
        queue.add(() -> send(notice));
    }

    @Override
    public void afterwards(Runnable step) {
        queue.add(step);
    }

    void end() throws InterruptedException {
        queue.add(() -> ended = true);
        thread.join();
    }

    private void run() {
        try {
            while (!ended) {
                Scarcity.survive(LOG, "a notification", queue.take());
            }
        } catch (InterruptedException e) {
            LOG.warn("notifications end early: interrupted");
            Thread.currentThread().interrupt();
        } finally {
            RawMemory.free(message);
        }
    }

    private void send(Notice notice) {
        int errno = device.send(message, notice.encode(message));
        // ENOENT: the kernel caches nothing of it. ENODEV, ENOTCONN: the mount is gone.
        if (errno != 0 && errno != Errno.ENOENT.number() && errno != Errno.ENODEV.number()) {
            LOG.warn("the kernel refused {}: errno {}", notice, errno);
        }
    }
}
