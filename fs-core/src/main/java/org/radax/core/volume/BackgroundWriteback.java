package org.radax.core.volume;

import org.radax.core.dax.Mapping;
import org.radax.core.error.FsException;
import org.radax.core.os.Scarcity;
import org.radax.core.unit.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Syncs files that have been dirty for long, or of which much is, by age and amount as the kernel's flusher does
 * ({@code dirty_expire_centisecs}, {@code dirty_background_bytes}). An error is told to whoever syncs next.
 */
final class BackgroundWriteback implements Runnable {
    private static final long INTERVAL_MILLIS = 1_000;
    private static final long AGE_SECONDS = 30;
    private static final long MOST_DIRTY_PAGES = (256L << 20) / Units.BLOCK_BYTES;
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundWriteback.class);

    private final VolumeCore core;
    private final Thread thread = new Thread(this, "radax-writeback");
    private volatile boolean ending;
    private long lastAsked = Clock.seconds();

    BackgroundWriteback(VolumeCore core) {
        this.core = core;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns when it has ended. */
    void end() {
        ending = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        while (!ending) {
            try {
                Thread.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            if (!core.gate.isFrozen()) {
                Scarcity.survive(LOG, "background writeback", () -> pass(Clock.seconds()));
            }
        }
    }

    /** Looks at all files once. */
    void pass(long nowSeconds) {
        // Asking costs the clients a fault for each page that they store to again.
        boolean asks = nowSeconds - lastAsked >= AGE_SECONDS;
        lastAsked = asks ? nowSeconds : lastAsked;
        for (Mapping mapping : core.mappings.all()) {
            boolean due = mapping.pendingSince() <= nowSeconds - AGE_SECONDS || mapping.dirtyPages() > MOST_DIRTY_PAGES;
            try {
                if (asks) {
                    core.mappings.findStores(mapping.ino());
                }
                if (due && core.journal.failure() == null) {
                    core.mappings.sync(mapping.ino(), 0, Units.MAX_FILE_BYTES);
                }
            } catch (FsException | InternalError e) {
                // The latter of a page that is lost, in what tells where the file's blocks are.
                LOG.error("writing back inode {}: {}", mapping.ino(), e.getMessage());
            }
            core.mappings.forgetIfEmpty(mapping.ino());
        }
    }
}
