package org.radax.fuse.wire;

import org.radax.core.error.Errno;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;

/**
 * One request, decoded in place and checked against its length, so that what a handler reads is inside the message.
 * Reused from request to request; not thread-safe.
 */
public final class Request {
    private static final int NUL_MISSING = -1;

    private final boolean extendedSetxattr;

    private long headerAddress;
    private long bodyAddress;
    private int bodyLength;
    private int opcode;
    private long unique;
    private long tailAddress;
    private int tailLength;
    private final Name name = new Name();
    private final Name secondName = new Name();
    private long targetAddress;
    private int targetLength;

    public Request() {
        this(false);
    }

    /** @param extendedSetxattr whether SETXATTR_EXT was agreed: its struct is longer then */
    public Request(boolean extendedSetxattr) {
        this.extendedSetxattr = extendedSetxattr;
    }

    /** Whether the message is long enough to be answered at all: it has a header and a number. */
    public boolean hasHeader(long address, long lengthBytes) {
        headerAddress = address;
        if (lengthBytes < Headers.In.SIZE) {
            return false;
        }
        opcode = RawMemory.getInt(address + Headers.In.OPCODE);
        unique = RawMemory.getLong(address + Headers.In.UNIQUE);
        // A reply numbered 0 would be taken for a notification.
        return unique != 0;
    }

    /**
     * Decodes the message whose header {@link #hasHeader} found.
     *
     * @return null if it is well-formed, else what to answer
     */
    public Errno decode(long lengthBytes) {
        int extensionBytes =
                Short.toUnsignedInt(RawMemory.getShort(headerAddress + Headers.In.EXTENSION_WORDS)) * Long.BYTES;
        long stated = Integer.toUnsignedLong(RawMemory.getInt(headerAddress + Headers.In.LENGTH));
        if (stated != lengthBytes || lengthBytes - Headers.In.SIZE < extensionBytes) {
            return Errno.EINVAL;
        }
        if (!RequestShape.isKnown(opcode)) {
            return Errno.ENOSYS;
        }
        bodyAddress = headerAddress + Headers.In.SIZE;
        bodyLength = (int) lengthBytes - Headers.In.SIZE - extensionBytes;
        int structSize = opcode == Opcode.SETXATTR && extendedSetxattr
                ? NameLayouts.SetxattrIn.EXTENDED_SIZE
                : RequestShape.structSize(opcode);
        if (bodyLength < structSize) {
            return Errno.EINVAL;
        }
        tailAddress = bodyAddress + structSize;
        tailLength = bodyLength - structSize;
        return switch (RequestShape.tail(opcode)) {
            case RequestShape.NAME -> takeName(name);
            case RequestShape.TWO_NAMES -> takeTwoNames();
            case RequestShape.NAME_AND_TARGET -> takeNameAndTarget();
            case RequestShape.ATTRIBUTE_NAME -> takeAttributeName();
            default -> null;
        };
    }

    private Errno takeTwoNames() {
        Errno error = takeName(name);
        return error != null ? error : takeName(secondName);
    }

    private Errno takeName(Name into) {
        int length = lengthToNul();
        if (length <= 0) {
            return Errno.EINVAL;
        }
        if (length > Name.MAX_BYTES) {
            return Errno.ENAMETOOLONG;
        }
        for (int i = 0; i < length; i++) {
            if (RawMemory.getByte(tailAddress + i) == '/') {
                return Errno.EINVAL;
            }
        }
        into.set(tailAddress, length);
        skip(length + 1);
        return null;
    }

    private Errno takeAttributeName() {
        int length = lengthToNul();
        if (length <= 0) {
            return Errno.EINVAL;
        }
        if (length > Name.MAX_BYTES) {
            // As setxattr(2) has it, not ENAMETOOLONG.
            return Errno.ERANGE;
        }
        name.set(tailAddress, length);
        skip(length + 1);
        return null;
    }

    private Errno takeNameAndTarget() {
        Errno error = takeName(name);
        if (error != null) {
            return error;
        }
        int length = lengthToNul();
        if (length == NUL_MISSING) {
            return Errno.EINVAL;
        }
        if (length == 0) {
            // As symlink(2) answers an empty target.
            return Errno.ENOENT;
        }
        if (length > FileSystem.MAX_SYMLINK_BYTES) {
            return Errno.ENAMETOOLONG;
        }
        targetAddress = tailAddress;
        targetLength = length;
        return null;
    }

    private int lengthToNul() {
        for (int i = 0; i < tailLength; i++) {
            if (RawMemory.getByte(tailAddress + i) == 0) {
                return i;
            }
        }
        return NUL_MISSING;
    }

    private void skip(int bytes) {
        tailAddress += bytes;
        tailLength -= bytes;
    }

    public int opcode() {
        return opcode;
    }

    public long unique() {
        return unique;
    }

    public long nodeId() {
        return RawMemory.getLong(headerAddress + Headers.In.NODE_ID);
    }

    public int uid() {
        return RawMemory.getInt(headerAddress + Headers.In.UID);
    }

    public int gid() {
        return RawMemory.getInt(headerAddress + Headers.In.GID);
    }

    public int pid() {
        return RawMemory.getInt(headerAddress + Headers.In.PID);
    }

    /** A field of the opcode's struct, by its layout offset. */
    public int getInt(int offset) {
        return RawMemory.getInt(bodyAddress + offset);
    }

    public long getLong(int offset) {
        return RawMemory.getLong(bodyAddress + offset);
    }

    public int bodyLength() {
        return bodyLength;
    }

    public Name name() {
        return name;
    }

    /** rename's new name. */
    public Name secondName() {
        return secondName;
    }

    /** symlink's target, without its NUL. */
    public long targetAddress() {
        return targetAddress;
    }

    public int targetLength() {
        return targetLength;
    }

    /** What follows the struct and the names: payload of WRITE, value of SETXATTR, input of IOCTL. */
    public long tailAddress() {
        return tailAddress;
    }

    public int tailLength() {
        return tailLength;
    }
}
