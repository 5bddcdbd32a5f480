package org.radax.fuse.mount;

import java.io.IOException;
import java.util.Optional;
import org.radax.core.os.LibC;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.dispatch.Latencies;
import org.radax.fuse.dispatch.Notices;
import org.radax.fuse.jnr.LibFuse;
import org.radax.fuse.jnr.LibFuseSession;

/** libfuse 2, for where only that is to be had. */
final class JnrTransport implements Transport {
    private MountOptions options;
    private LibFuseSession session;

    @Override
    public void mount(FileSystem fileSystem, MountOptions mountOptions) throws MountException {
        options = mountOptions;
        if (options.cache() == CachePolicy.WRITEBACK) {
            throw new MountException(
                    "libfuse 2 has no writeback cache; leave out cache=writeback, or transport=jnr-fuse");
        }
        LibFuse libFuse = load(LibFuse.NAME);
        try {
            session = LibFuseSession.mount(libFuse, fileSystem, options.mountPoint(), libFuseOptions(options));
        } catch (IOException e) {
            MountPoints.cleanUpDead(options.mountPoint());
            throw new MountException("can not mount at " + options.mountPoint() + ": " + e.getMessage(), e);
        }
        session.start(options.threads(), () -> MountPoints.leaveNothingBehind(options.mountPoint()));
        showAtime();
    }

    static LibFuse load(String library) throws MountException {
        try {
            return LibFuse.load(library);
        } catch (UnsatisfiedLinkError e) {
            throw new MountException(
                    "transport=jnr-fuse needs libfuse 2, and " + library
                            + " can not be loaded; install it (Debian: apt-get install libfuse2)",
                    e);
        }
    }

    /** libfuse 2 does not know the word; the volume keeps to it either way. */
    private void showAtime() throws MountException {
        if (options.atime() == Atime.STRICTATIME && LibC.INSTANCE.geteuid() == 0) {
            MountPoints.remount(options, options.readOnly());
        }
    }

    /** As mount.fuse(8) has them. */
    static String libFuseOptions(MountOptions o) {
        return Fusermount.options(o)
                + (o.suid() ? ",suid" : ",nosuid")
                + (o.dev() ? ",dev" : ",nodev")
                + (o.nonEmpty() ? ",nonempty" : "");
    }

    @Override
    public void end(int rootFd) {
        session.end();
        wake(rootFd, options.threads());
    }

    @Override
    public boolean awaitEnd(long timeoutMillis) throws InterruptedException {
        return session.awaitEnd(timeoutMillis);
    }

    @Override
    public boolean hasEnded() {
        return session.hasEnded();
    }

    /** libfuse 2 stands between a request and its operations. */
    @Override
    public Optional<Latencies> latencies() {
        return Optional.empty();
    }

    /** libfuse 2 has them for its own numbers of inodes alone. */
    @Override
    public Optional<Notices> notices() {
        return Optional.empty();
    }

    @Override
    public SessionInfo info() {
        return new SessionInfo(
                options.mountPoint(),
                options.source(),
                options.transport(),
                "7." + session.minor(),
                options.cache(),
                options.threads(),
                1,
                LibFuseSession.MAX_WRITE_BYTES,
                session.initFlags(),
                session.requests());
    }
}
