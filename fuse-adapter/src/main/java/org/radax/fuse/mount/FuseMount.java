package org.radax.fuse.mount;

import java.nio.file.Path;
import java.util.Optional;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.dispatch.Latencies;
import org.radax.fuse.dispatch.Notices;

/** A mounted filesystem. Thread-safe. Does not own the {@link FileSystem}: close that after {@link #awaitUnmount}. */
public final class FuseMount implements AutoCloseable {
    /** Namespaces that come and go keep a mount for a moment. */
    private static final long COPY_PATIENCE_MILLIS = 10_000;

    private final Transport transport;
    private final MountOptions options;

    private FuseMount(Transport transport, MountOptions options) {
        this.transport = transport;
        this.options = options;
    }

    /**
     * Mounts; returns when the root answers. A dead mount in the way is cleaned up.
     *
     * @throws MountException one line that says what, where, and what to do; nothing stays mounted
     */
    public static FuseMount mount(FileSystem fileSystem, MountOptions wanted) throws MountException {
        MountPoints.cleanUpDead(wanted.mountPoint());
        Path target = MountPoints.check(wanted.mountPoint(), wanted.nonEmpty());
        MountOptions options = wanted.at(target);
        Transport transport = options.transport().make();
        transport.mount(fileSystem, options);
        FuseMount mount = new FuseMount(transport, options);
        int errno = MountPoints.access(target);
        if (errno == 0 && !target.toFile().isDirectory()) {
            errno = Errno.EIO.number();
        }
        if (errno != 0) {
            mount.close();
            throw new MountException("mounted at " + target + ", but the root does not answer ("
                    + LibC.INSTANCE.strerror(errno) + "); unmounted again, see the log");
        }
        if (LibC.INSTANCE.geteuid() == 0) {
            MountPoints.find(target).ifPresent(DirtyLimits::lift);
        }
        return mount;
    }

    /** Returns when the kernel let go of the mount and all server threads ended, whoever unmounted it. */
    public void awaitUnmount() throws InterruptedException {
        transport.awaitEnd(Long.MAX_VALUE);
    }

    public boolean isMounted() {
        return !transport.hasEnded();
    }

    /**
     * Unmounts, and waits until the session ended. Refused while files are open; never lazy. Idempotent.
     *
     * @throws MountException also if it is unmounted, but another mount namespace has a copy of the mount (a container
     *     that was started meanwhile): the session goes on until that is gone
     */
    public void unmount() throws MountException {
        if (!isMounted()) {
            return;
        }
        String device =
                MountPoints.find(options.mountPoint()).map(Mounted::device).orElse("");
        try {
            MountPoints.unmount(options.mountPoint());
        } catch (MountException e) {
            // Someone else may have been quicker.
            if (MountPoints.find(options.mountPoint()).isPresent()) {
                throw e;
            }
        }
        try {
            while (!transport.awaitEnd(COPY_PATIENCE_MILLIS)) {
                MountCopies.requireNone(options.mountPoint(), device);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException("unmounted " + options.mountPoint() + ", but interrupted before the end", e);
        }
    }

    /**
     * Switches the kernel's side between read-only and read-write; the volume's own switch is the caller's to turn, after
     * for read-only, before for read-write. Only root may.
     */
    public void remount(boolean readOnly) throws MountException {
        MountPoints.remount(options, readOnly);
    }

    public SessionInfo info() {
        return transport.info();
    }

    /** How long requests took, if the transport knows. */
    public Optional<Latencies> latencies() {
        return transport.latencies();
    }

    /** Where to announce changes the kernel did not ask for, if the transport can. */
    public Optional<Notices> notices() {
        return transport.notices();
    }

    /**
     * Unmounts, and waits until the session ended. A mount in use is detached: what was written before is kept, and
     * programs that still use it get ENOTCONN from now on. Idempotent.
     */
    @Override
    public void close() throws MountException {
        try {
            unmount();
        } catch (MountException e) {
            if (MountPoints.find(options.mountPoint()).isEmpty()) {
                throw e;
            }
            detach();
        }
    }

    private void detach() throws MountException {
        String target = options.mountPoint().toString();
        // Open before it is detached: the way to the session afterwards.
        int root = LibC.INSTANCE.open(target, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (root < 0) {
            throw new MountException("can not detach " + target + ": " + LibC.lastError());
        }
        try {
            MountPoints.detach(options.mountPoint());
            // What the kernel's page cache holds reaches the volume before its server goes.
            LibC.INSTANCE.syncfs(root);
            transport.end(root);
            awaitUnmount();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException("detached " + target + ", but interrupted before the end", e);
        } finally {
            LibC.INSTANCE.close(root);
        }
    }
}
