package org.radax.cli.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ErrorLines;
import org.radax.core.error.PoolException;
import org.radax.core.volume.Volume;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlServer;
import org.radax.fuse.control.ControlSockets;
import org.radax.fuse.lease.LeaseServer;
import org.radax.fuse.mount.FuseMount;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountOptions;
import org.radax.fuse.wire.Notice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mount, from opening the pool to closing it. On a failure everything opened so far is closed again, in reverse:
 * nothing stays mounted.
 */
final class MountDaemon {
    private static final Logger LOG = LoggerFactory.getLogger(MountDaemon.class);

    private final MountRequest request;
    private final String log;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /** {@code log}: where this process's log goes, for {@code info}. */
    MountDaemon(MountRequest request, String log) {
        this.request = request;
        this.log = log;
    }

    /** Mounts, calls {@code ready} once the filesystem answers, and serves until it is unmounted. */
    void run(Runnable ready) throws CommandFailure, PoolException, MountException, ControlException {
        ControlServer control = null;
        try {
            try (Volume volume = BusyPools.open(request.pool(), () -> Volume.open(request.pool(), request.volume()));
                    FuseMount mount = FuseMount.mount(volume, optionsFor(volume));
                    LeaseServer leases = startLeases(volume, mount);
                    ControlRegistry verbs = verbs(volume, mount, leases)) {
                control = startControl(verbs);
                Terminations.handle(signal -> end(volume, mount, signal));
                awaitFirstAnswer();
                LOG.info("{} mounted at {}", request.pool(), request.mount().mountPoint());
                ready.run();
                mount.awaitUnmount();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            closed.complete(null);
            LOG.info("{} closed", request.pool());
        } finally {
            // Completed above unless closing failed: then whoever waits for the unmount is told.
            closed.completeExceptionally(new IllegalStateException("see the log " + log));
            if (control != null) {
                control.close();
            }
        }
    }

    /** A pool that can not be written is mounted read-only, and the person hears of it. */
    private MountOptions optionsFor(Volume volume) {
        if (!volume.info().readOnly() || request.mount().readOnly()) {
            return request.mount();
        }
        LauncherReply.standardError()
                .println("radax mount: " + request.pool() + ": mounted read-only: it has features that this radax does"
                        + " not know; use a newer one to write");
        return request.mount().asReadOnly();
    }

    /** Null where no file can be mapped. */
    private LeaseServer startLeases(Volume volume, FuseMount mount) throws ControlException, PoolException {
        if (!volume.allowsDax()) {
            return null;
        }
        ControlSockets sockets = ControlSockets.ofProcess();
        Path mountPoint = request.mount().mountPoint();
        // Another daemon of the same mount point would lose its lease socket, which has the same name.
        ControlServer.refuseIfServed(sockets.forMountPoint(mountPoint));
        Path socket = sockets.makeLeaseSocket(mountPoint);
        try {
            return LeaseServer.start(
                    socket,
                    volume,
                    ino -> mount.notices().ifPresent(notices -> notices.enqueue(Notice.dataChanged(ino, 0, 0))));
        } catch (IOException e) {
            throw new ControlException("EIO", e.getMessage(), e);
        }
    }

    private ControlRegistry verbs(Volume volume, FuseMount mount, LeaseServer leases) {
        MountState state = new MountState(request, log);
        state.readOnly(volume.info().readOnly());
        String poolKey = MountDirectory.keyOf(request.pool()).orElse("");
        return new MountVerbs(volume, mount, leases, state, poolKey, closed).registry();
    }

    private ControlServer startControl(ControlRegistry verbs) throws ControlException {
        ControlSockets sockets = ControlSockets.ofProcess();
        sockets.makeDirectory();
        sockets.removeDead();
        return ControlServer.start(sockets.forMountPoint(request.mount().mountPoint()), verbs);
    }

    /** The kernel has the root inode from INIT on; a stat of it proves that requests are answered. */
    private void awaitFirstAnswer() throws CommandFailure {
        Path mountPoint = request.mount().mountPoint();
        try {
            Files.readAttributes(mountPoint, "unix:ino,mode");
            Files.getFileStore(mountPoint).getTotalSpace();
        } catch (IOException e) {
            throw new CommandFailure(mountPoint + ": mounted, but it does not answer: " + ErrorLines.describe(e));
        }
    }

    /** As libfuse does: a busy mount is detached, and applications that still use it get ENOTCONN. */
    private void end(Volume volume, FuseMount mount, String signal) {
        LOG.info("{}: unmounting {}", signal, request.mount().mountPoint());
        volume.thaw();
        try {
            mount.unmount();
        } catch (MountException e) {
            LOG.warn("{}; detaching it, files still open there are cut off", e.getMessage());
            try {
                mount.close();
            } catch (MountException again) {
                LOG.error("{}", again.getMessage());
            }
        }
    }
}
