package org.radax.fuse.jnr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import jnr.ffi.Struct;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.FileSystem;

/** A filesystem mounted and served by libfuse 2, from fuse_mount to fuse_destroy. */
public final class LibFuseSession {
    /** What one WRITE carries at most: libfuse 2's buffer is made for it. */
    public static final int MAX_WRITE_BYTES = 128 << 10;

    /**
     * Names and attributes are asked for each time and files read past the page cache: libfuse makes two inodes of two
     * names, and what the kernel kept by one would be stale by the other.
     */
    private static final String COHERENCE = "use_ino,readdir_ino,direct_io,entry_timeout=0,attr_timeout=0";

    /** Requests the kernel may have under way in the background: asynchronous I/O. */
    private static final String BACKGROUND = "max_background=128,congestion_threshold=96";

    private final LibFuse libFuse;
    private final VolumeOperations operations;
    private final long fuse;
    private final InitExchange agreed;
    private final ServerThreads servers;
    private final CountDownLatch ended = new CountDownLatch(1);

    private LibFuseSession(LibFuse libFuse, VolumeOperations operations, long fuse, long channel, InitExchange agreed) {
        this.libFuse = libFuse;
        this.operations = operations;
        this.fuse = fuse;
        this.agreed = agreed;
        this.servers = new ServerThreads(libFuse, libFuse.fuse_get_session(fuse), channel, operations);
    }

    /**
     * Mounts. {@code options} are those of mount.fuse(8). After a failure the mount point may be there still, dead.
     *
     * @throws IOException what went wrong; libfuse says why on standard error
     */
    public static LibFuseSession mount(LibFuse libFuse, FileSystem fileSystem, Path mountPoint, String options)
            throws IOException {
        VolumeOperations operations = new VolumeOperations(fileSystem);
        String[] arguments = {"radax", "-f", "-o", options + "," + COHERENCE + "," + BACKGROUND, mountPoint.toString()};
        long results = RawMemory.allocate(2 * Long.BYTES);
        long fuse;
        try {
            fuse = libFuse.fuse_setup(
                    arguments.length,
                    arguments,
                    operations.table(),
                    Struct.size(operations.table()),
                    results,
                    results + Long.BYTES,
                    0);
        } finally {
            RawMemory.free(results);
        }
        if (fuse == 0) {
            throw new IOException("libfuse can not mount there; it says why in the log");
        }
        boolean done = false;
        try {
            long fuseSession = libFuse.fuse_get_session(fuse);
            libFuse.fuse_remove_signal_handlers(fuseSession);
            long channel = libFuse.fuse_session_next_chan(fuseSession, 0);
            InitExchange agreed = InitExchange.run(libFuse, fuseSession, channel);
            done = true;
            return new LibFuseSession(libFuse, operations, fuse, channel, agreed);
        } finally {
            if (!done) {
                libFuse.fuse_destroy(fuse);
            }
        }
    }

    /** Starts serving. {@code whenEnded} runs after the last thread ended and all files are closed. */
    public void start(int threads, Runnable whenEnded) {
        servers.start(threads);
        Thread reaper = new Thread(() -> reap(whenEnded), "radax-libfuse-end");
        reaper.setDaemon(true);
        reaper.start();
    }

    private void reap(Runnable whenEnded) {
        servers.awaitEnd();
        operations.releaseAll();
        libFuse.fuse_destroy(fuse);
        try {
            whenEnded.run();
        } finally {
            ended.countDown();
        }
    }

    /** Each server thread ends after the request it serves, or the next one it gets. */
    public void end() {
        servers.end();
    }

    /** Waits until the kernel let go and all threads ended. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** The protocol is 7.{@code minor}. */
    public int minor() {
        return agreed.minor();
    }

    /** Features in force, the bits of INIT. */
    public long initFlags() {
        return agreed.flags();
    }

    /** Requests read so far. */
    public long requests() {
        return servers.requests();
    }
}
