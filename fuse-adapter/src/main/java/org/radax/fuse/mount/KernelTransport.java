package org.radax.fuse.mount;

import java.io.IOException;
import java.util.Optional;
import org.radax.core.error.Errno;
import org.radax.core.os.LibC;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.dispatch.Latencies;
import org.radax.fuse.dispatch.Notices;
import org.radax.fuse.session.Device;
import org.radax.fuse.session.Negotiation;
import org.radax.fuse.session.Session;
import org.radax.fuse.session.SessionOptions;

/** The raw protocol over /dev/fuse. */
final class KernelTransport implements Transport {
    private static final String ROOT_MODE = "40000";

    private MountOptions options;
    private Session session;

    @Override
    public void mount(FileSystem fileSystem, MountOptions mountOptions) throws MountException {
        options = mountOptions;
        Device device = LibC.INSTANCE.geteuid() == 0 ? mountAsRoot() : new Device(Fusermount.mount(options));
        session = new Session(
                fileSystem,
                device,
                new SessionOptions(
                        readsReachTheVolume(),
                        readsReachTheVolume() || !fileSystem.allowsDax(),
                        options.cache() == CachePolicy.WRITEBACK,
                        options.defaultPermissions(),
                        options.threads(),
                        Integer.getInteger(SessionOptions.SPIN_PROPERTY, 0)));
        try {
            session.start(() -> MountPoints.leaveNothingBehind(options.mountPoint()));
        } catch (IOException e) {
            // Closing the last descriptor makes the mount a dead one, which can always be taken away.
            device.close();
            MountPoints.cleanUpDead(options.mountPoint());
            throw new MountException("can not mount at " + options.mountPoint() + ": " + e.getMessage(), e);
        }
    }

    /** With strictatime each read counts, and of those from the page cache the volume never hears. */
    private boolean readsReachTheVolume() {
        return options.cache() == CachePolicy.NONE
                || (options.cache() == CachePolicy.AUTO && options.atime() == Atime.STRICTATIME);
    }

    private Device mountAsRoot() throws MountException {
        Device device = Device.open();
        if (device == null) {
            throw new MountException("can not open /dev/fuse: " + LibC.lastError()
                    + "; load the module (modprobe fuse), or in a container pass the device in");
        }
        String data = "fd=" + device.fd() + ",rootmode=" + ROOT_MODE + ",user_id=" + LibC.INSTANCE.getuid()
                + ",group_id=" + LibC.INSTANCE.getgid()
                + (options.allowOther() ? ",allow_other" : "")
                + (options.defaultPermissions() ? ",default_permissions" : "")
                + ",max_read=" + Negotiation.MAX_WRITE_BYTES;
        boolean done = false;
        try {
            mount(data);
            done = true;
            return device;
        } finally {
            if (!done) {
                device.close();
            }
        }
    }

    /** On the directory that was checked: whoever owns one above it may put a link in its place meanwhile. */
    private void mount(String data) throws MountException {
        String target = options.mountPoint().toString();
        int directory = MountPoints.openWithoutLinks(options.mountPoint());
        try {
            String place = "/proc/self/fd/" + directory;
            if (directory < 0
                    || LibC.INSTANCE.mount(options.source(), place, MountTable.TYPE, MountFlags.of(options), data)
                            != 0) {
                int errno = LibC.errno();
                throw new MountException("can not mount at " + target + ": " + LibC.INSTANCE.strerror(errno)
                        + (errno == Errno.EPERM.number() ? "; mounting needs CAP_SYS_ADMIN in this namespace" : ""));
            }
        } finally {
            if (directory >= 0) {
                LibC.INSTANCE.close(directory);
            }
        }
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

    @Override
    public Optional<Latencies> latencies() {
        return Optional.of(session.latencies());
    }

    @Override
    public Optional<Notices> notices() {
        return Optional.of(session.notifier());
    }

    @Override
    public SessionInfo info() {
        Negotiation agreed = session.agreed();
        return new SessionInfo(
                options.mountPoint(),
                options.source(),
                options.transport(),
                "7." + agreed.minor(),
                options.cache(),
                options.threads(),
                session.ownQueues(),
                Negotiation.MAX_WRITE_BYTES,
                agreed.flags(),
                session.requests());
    }
}
