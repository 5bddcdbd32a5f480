package org.radax.dax;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.radax.core.error.Errno;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.dax.DaxException.Reason;

/** What a mount answers who shows it an open file: a token for the server's socket, and where the pool is. */
record Grant(long tokenHigh, long tokenLow, Path socket, Path pool, long poolDevice, long poolInode) {
    static Grant ask(Path path, int fd) throws DaxException {
        long answer = RawMemory.allocate(LeaseProtocol.Grant.SIZE);
        try {
            RawMemory.fill(answer, LeaseProtocol.Grant.SIZE, (byte) 0);
            if (LibC.INSTANCE.ioctl(fd, LeaseProtocol.Grant.COMMAND & 0xffffffffL, answer) != 0) {
                throw refusal(path, LibC.errno());
            }
            int version = RawMemory.getInt(answer + LeaseProtocol.Grant.VERSION);
            if (version != LeaseProtocol.VERSION) {
                throw new DaxException(
                        Reason.UNSUPPORTED,
                        path + ": the mount speaks version " + version + " of the lease protocol, this client "
                                + LeaseProtocol.VERSION + "; use the same release of both");
            }
            return new Grant(
                    RawMemory.getLong(answer + LeaseProtocol.Grant.TOKEN),
                    RawMemory.getLong(answer + LeaseProtocol.Grant.TOKEN + Long.BYTES),
                    path(answer + LeaseProtocol.Grant.SOCKET_PATH),
                    path(answer + LeaseProtocol.Grant.POOL_PATH),
                    RawMemory.getLong(answer + LeaseProtocol.Grant.POOL_DEVICE),
                    RawMemory.getLong(answer + LeaseProtocol.Grant.POOL_INODE));
        } finally {
            RawMemory.free(answer);
        }
    }

    private static Path path(long address) {
        int length = 0;
        while (RawMemory.getByte(address + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        RawMemory.copyOut(address, bytes, 0, length);
        return Path.of(new String(bytes, StandardCharsets.UTF_8));
    }

    private static DaxException refusal(Path path, int errno) {
        if (errno == Errno.EOPNOTSUPP.number()) {
            return new DaxException(
                    Reason.NOT_DAX,
                    path + ": not in DAX mode; switch it (radax dax set " + path + "), or mount with dax=always");
        }
        if (errno == Errno.EROFS.number()) {
            return new DaxException(Reason.NOT_MAPPABLE_NOW, path + ": its mount is read-only; remount it read-write");
        }
        if (errno == Errno.EMFILE.number()) {
            return new DaxException(
                    Reason.NOT_MAPPABLE_NOW, path + ": the mount's server has no descriptors for more processes");
        }
        if (errno == Errno.EBUSY.number() || errno == Errno.ENOMEM.number() || errno == Errno.EIO.number()) {
            return new DaxException(
                    Reason.NOT_MAPPABLE_NOW, path + ": can not be mapped now: " + LibC.INSTANCE.strerror(errno));
        }
        return new DaxException(
                Reason.NOT_RADAX, path + ": not a file of a Radax mount: " + LibC.INSTANCE.strerror(errno));
    }
}
