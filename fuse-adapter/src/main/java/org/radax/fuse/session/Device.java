package org.radax.fuse.session;

import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.ReplyPort;

/** An open /dev/fuse that belongs to a mount: requests come out of it, replies to them go into it. */
public final class Device implements ReplyPort {
    /** FUSE_DEV_IOC_CLONE. */
    private static final long CLONE = 0x8004e500L;

    private static final String PATH = "/dev/fuse";
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    private final int fd;

    public Device(int fd) {
        this.fd = fd;
    }

    /** Opens /dev/fuse; returns null with errno set if that fails. */
    public static Device open() {
        int fd = LibC.INSTANCE.open(PATH, LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        return fd < 0 ? null : new Device(fd);
    }

    public int fd() {
        return fd;
    }

    /**
     * A second descriptor of the same mount, with a queue of its own for requests under way; null where that is not
     * allowed (who may not open /dev/fuse gets one descriptor from fusermount3), and threads share this one.
     */
    Device cloneOrNull() {
        Device clone = open();
        if (clone == null) {
            return null;
        }
        long argument = RawMemory.allocate(Integer.BYTES);
        try {
            RawMemory.putInt(argument, fd);
            if (LibC.INSTANCE.ioctl(clone.fd, CLONE, argument) < 0) {
                clone.close();
                return null;
            }
            return clone;
        } finally {
            RawMemory.free(argument);
        }
    }

    /** Makes reads return EAGAIN instead of sleeping. */
    void setNonBlocking() {
        int flags = LibC.INSTANCE.fcntl(fd, F_GETFL, 0);
        LibC.INSTANCE.fcntl(fd, F_SETFL, flags | LibC.O_NONBLOCK);
    }

    /** read(2): the length of one request, or -1 with errno set. */
    long receive(long buffer, long capacity) {
        return LibC.INSTANCE.read(fd, buffer, capacity);
    }

    @Override
    public int send(long address, int lengthBytes) {
        return LibC.INSTANCE.write(fd, address, lengthBytes) < 0 ? LibC.errno() : 0;
    }

    @Override
    public int sendGathered(long iovecsAddress, int count) {
        return LibC.INSTANCE.writev(fd, iovecsAddress, count) < 0 ? LibC.errno() : 0;
    }

    public void close() {
        LibC.INSTANCE.close(fd);
    }
}
