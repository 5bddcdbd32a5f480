package org.radax.fuse.dispatch;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.ExtendedAttributes;
import org.radax.fuse.wire.IoctlLayouts;
import org.radax.fuse.wire.IoctlLayouts.FsXattr;
import org.radax.fuse.wire.IoctlLayouts.In;
import org.radax.fuse.wire.IoctlLayouts.Out;
import org.radax.fuse.wire.IoctlLayouts.TrimRange;
import org.radax.fuse.wire.Notice;
import org.radax.fuse.wire.Reply;
import org.radax.fuse.wire.ReplyPort;

/** Inode flags, struct fsxattr, the generation, FITRIM, shutdown and grants; anything else is ENOTTY. */
final class IoctlRequests {
    private final Exchange x;
    private final ExtendedAttributes extended = new ExtendedAttributes();

    IoctlRequests(Exchange exchange) {
        this.x = exchange;
    }

    void ioctl() throws FsException {
        if (Integer.toUnsignedLong(x.request.getInt(In.INPUT_LENGTH)) > x.request.tailLength()) {
            throw Exchange.invalid("ioctl input beyond the message:", x.request.getInt(In.INPUT_LENGTH));
        }
        int command = x.request.getInt(In.COMMAND);
        switch (command) {
            case IoctlLayouts.GETFLAGS, IoctlLayouts.GETFLAGS_32 -> getFlags();
            case IoctlLayouts.SETFLAGS -> setFlags();
            case IoctlLayouts.GETVERSION, IoctlLayouts.GETVERSION_32 -> getVersion();
            case IoctlLayouts.FSGETXATTR -> getExtended();
            case IoctlLayouts.FSSETXATTR -> setExtended();
            case IoctlLayouts.FITRIM -> trim();
            case IoctlLayouts.GOINGDOWN -> shutDown();
            case LeaseProtocol.Grant.COMMAND -> grantLease();
            default -> throw new FsException(Errno.ENOTTY, "ioctl", Integer.toHexString(command));
        }
    }

    boolean isChange() {
        return IoctlLayouts.isChange(x.request.getInt(In.COMMAND));
    }

    private void getFlags() throws FsException {
        x.fs.getattr(x.request.nodeId(), x.attributes);
        replyNumber(x.attributes.flags);
    }

    private void setFlags() throws FsException {
        x.fs.setFlags(x.caller(), x.request.nodeId(), RawMemory.getInt(input(Integer.BYTES)));
        announceChange();
        replyOutput(0);
    }

    private void getVersion() throws FsException {
        x.fs.getattr(x.request.nodeId(), x.attributes);
        replyNumber((int) x.attributes.generation);
    }

    private void getExtended() throws FsException {
        x.fs.getExtendedAttributes(x.request.nodeId(), extended);
        long out = output(FsXattr.SIZE);
        RawMemory.putInt(out + FsXattr.XFLAGS, extended.xflags);
        RawMemory.putInt(out + FsXattr.EXTENT_SIZE, extended.extentSizeBytes);
        RawMemory.putInt(out + FsXattr.EXTENT_COUNT, extended.extentCount);
        RawMemory.putInt(out + FsXattr.PROJECT_ID, extended.projectId);
        replyOutput(FsXattr.SIZE);
    }

    private void setExtended() throws FsException {
        long in = input(FsXattr.SIZE);
        extended.xflags = RawMemory.getInt(in + FsXattr.XFLAGS);
        extended.extentSizeBytes = RawMemory.getInt(in + FsXattr.EXTENT_SIZE);
        extended.extentCount = RawMemory.getInt(in + FsXattr.EXTENT_COUNT);
        extended.projectId = RawMemory.getInt(in + FsXattr.PROJECT_ID);
        x.fs.setExtendedAttributes(x.caller(), x.request.nodeId(), extended);
        announceChange();
        replyOutput(0);
    }

    private void trim() throws FsException {
        requireRoot("FITRIM");
        long in = input(TrimRange.SIZE);
        long start = RawMemory.getLong(in + TrimRange.START);
        long length = RawMemory.getLong(in + TrimRange.LENGTH);
        long minimum = RawMemory.getLong(in + TrimRange.MINIMUM);
        if (start < 0 || minimum < 0) {
            throw Exchange.invalid("trim range", start);
        }
        // "All of it" is ULLONG_MAX, which the volume would take for a negative length.
        long trimmed = x.fs.trim(start, length < 0 ? Long.MAX_VALUE : length, minimum);
        long out = output(TrimRange.SIZE);
        RawMemory.putLong(out + TrimRange.START, start);
        RawMemory.putLong(out + TrimRange.LENGTH, trimmed);
        RawMemory.putLong(out + TrimRange.MINIMUM, minimum);
        replyOutput(TrimRange.SIZE);
    }

    /**
     * The command's argument, whether to flush a log first, does not reach us: what was answered is durable anyway.
     * Answered when the kernel has dropped its cached pages, which could be read for ever otherwise.
     */
    private void shutDown() throws FsException {
        requireRoot("shutdown");
        x.fs.shutDown(ino -> x.shared.notices.enqueue(Notice.dataChanged(ino, 0, 0)));
        ReplyPort port = x.port;
        long unique = x.request.unique();
        x.reply.handOver();
        x.shared.notices.afterwards(() -> Reply.sendZerosLater(port, unique, Out.SIZE));
    }

    private void grantLease() throws FsException {
        x.fs.grantLease(x.caller(), x.file(In.HANDLE), output(LeaseProtocol.Grant.SIZE));
        replyOutput(LeaseProtocol.Grant.SIZE);
    }

    private void requireRoot(String command) throws FsException {
        if (x.request.uid() != 0) {
            throw new FsException(Errno.EPERM, command, "uid " + x.request.uid());
        }
    }

    /** The kernel does not know that these commands change ctime. */
    private void announceChange() {
        x.shared.notices.enqueue(Notice.attributesChanged(x.request.nodeId()));
    }

    private long input(int length) throws FsException {
        if (Integer.compareUnsigned(x.request.getInt(In.INPUT_LENGTH), length) < 0) {
            throw Exchange.invalid("ioctl input length", x.request.getInt(In.INPUT_LENGTH));
        }
        return x.request.tailAddress();
    }

    private long output(int length) throws FsException {
        if (Integer.compareUnsigned(x.request.getInt(In.OUTPUT_CAPACITY), length) < 0) {
            throw Exchange.invalid("ioctl output capacity", x.request.getInt(In.OUTPUT_CAPACITY));
        }
        return x.reply.clearedBody(Out.SIZE + length) + Out.SIZE;
    }

    /** The 32-bit forms and the others differ in the command alone: Linux copies an int either way. */
    private void replyNumber(int value) throws FsException {
        RawMemory.putInt(output(Integer.BYTES), value);
        replyOutput(Integer.BYTES);
    }

    private void replyOutput(int length) {
        RawMemory.fill(x.reply.body(), Out.SIZE, (byte) 0);
        x.reply.send(Out.SIZE + length);
    }
}
