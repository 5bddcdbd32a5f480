package org.radax.fuse.jnr;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.Caller;
import org.radax.core.volume.ExtendedAttributes;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.wire.IoctlLayouts;
import org.radax.fuse.wire.IoctlLayouts.FsXattr;
import org.radax.fuse.wire.IoctlLayouts.TrimRange;

/** Inode flags, struct fsxattr, the generation, FITRIM and shutdown; anything else is ENOTTY. */
final class Ioctls {
    private final FileSystem fs;

    Ioctls(FileSystem fs) {
        this.fs = fs;
    }

    /** {@code data}: the argument's bytes, in and out, as many as the command's number says. */
    void run(Caller caller, long ino, int command, long data) throws FsException {
        switch (command) {
            case IoctlLayouts.GETFLAGS, IoctlLayouts.GETFLAGS_32 -> RawMemory.putInt(data, attributes(ino).flags);
            case IoctlLayouts.SETFLAGS -> fs.setFlags(caller, ino, RawMemory.getInt(data));
            case IoctlLayouts.GETVERSION, IoctlLayouts.GETVERSION_32 ->
                RawMemory.putInt(data, (int) attributes(ino).generation);
            case IoctlLayouts.FSGETXATTR -> getExtended(ino, data);
            case IoctlLayouts.FSSETXATTR -> setExtended(caller, ino, data);
            case IoctlLayouts.FITRIM -> trim(caller, data);
            case IoctlLayouts.GOINGDOWN -> shutDown(caller);
            default -> throw new FsException(Errno.ENOTTY, "ioctl", Integer.toHexString(command));
        }
    }

    private Attributes attributes(long ino) throws FsException {
        Attributes attributes = new Attributes();
        fs.getattr(ino, attributes);
        return attributes;
    }

    private void getExtended(long ino, long data) throws FsException {
        ExtendedAttributes extended = new ExtendedAttributes();
        fs.getExtendedAttributes(ino, extended);
        RawMemory.fill(data, FsXattr.SIZE, (byte) 0);
        RawMemory.putInt(data + FsXattr.XFLAGS, extended.xflags);
        RawMemory.putInt(data + FsXattr.EXTENT_SIZE, extended.extentSizeBytes);
        RawMemory.putInt(data + FsXattr.EXTENT_COUNT, extended.extentCount);
        RawMemory.putInt(data + FsXattr.PROJECT_ID, extended.projectId);
    }

    private void setExtended(Caller caller, long ino, long data) throws FsException {
        ExtendedAttributes extended = new ExtendedAttributes();
        extended.xflags = RawMemory.getInt(data + FsXattr.XFLAGS);
        extended.extentSizeBytes = RawMemory.getInt(data + FsXattr.EXTENT_SIZE);
        extended.extentCount = RawMemory.getInt(data + FsXattr.EXTENT_COUNT);
        extended.projectId = RawMemory.getInt(data + FsXattr.PROJECT_ID);
        fs.setExtendedAttributes(caller, ino, extended);
    }

    private void trim(Caller caller, long data) throws FsException {
        requireRoot(caller, "FITRIM");
        long start = RawMemory.getLong(data + TrimRange.START);
        long length = RawMemory.getLong(data + TrimRange.LENGTH);
        long minimum = RawMemory.getLong(data + TrimRange.MINIMUM);
        if (start < 0 || minimum < 0) {
            throw new FsException(Errno.EINVAL, "FITRIM", "start " + start + ", minimum " + minimum);
        }
        // "All of it" is ULLONG_MAX, which the volume would take for a negative length.
        RawMemory.putLong(data + TrimRange.LENGTH, fs.trim(start, length < 0 ? Long.MAX_VALUE : length, minimum));
    }

    /** The kernel has cached nothing that it would have to drop. */
    private void shutDown(Caller caller) throws FsException {
        requireRoot(caller, "shutdown");
        fs.shutDown(ino -> {});
    }

    private static void requireRoot(Caller caller, String command) throws FsException {
        if (caller.uid() != 0) {
            throw new FsException(Errno.EPERM, command, "uid " + caller.uid());
        }
    }
}
