package org.radax.fuse.dispatch;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.FileSystem;
import org.radax.fuse.wire.NameLayouts.GetxattrIn;
import org.radax.fuse.wire.NameLayouts.GetxattrOut;
import org.radax.fuse.wire.NameLayouts.SetxattrIn;
import org.radax.fuse.wire.Reply;

/** Extended attributes. */
final class XattrRequests {
    private final Exchange x;

    XattrRequests(Exchange exchange) {
        this.x = exchange;
    }

    void getxattr() throws FsException {
        int capacity = capacity();
        replyValue(capacity, x.fs.getxattr(x.request.nodeId(), x.request.name(), x.reply.body(), capacity));
    }

    void listxattr() throws FsException {
        int capacity = capacity();
        replyValue(capacity, x.fs.listxattr(x.request.nodeId(), x.reply.body(), capacity));
    }

    private int capacity() {
        return (int) Math.min(Integer.toUnsignedLong(x.request.getInt(GetxattrIn.CAPACITY)), Reply.BODY_CAPACITY);
    }

    private void replyValue(int capacity, int length) {
        if (capacity != 0) {
            x.reply.send(length);
            return;
        }
        RawMemory.putLong(x.reply.body() + GetxattrOut.LENGTH, length);
        x.reply.send(GetxattrOut.SIZE);
    }

    void setxattr() throws FsException {
        long length = Integer.toUnsignedLong(x.request.getInt(SetxattrIn.VALUE_LENGTH));
        if (length > x.request.tailLength()) {
            throw Exchange.invalid("attribute value beyond the message:", length);
        }
        if (length > FileSystem.MAX_XATTR_BYTES) {
            throw new FsException(Errno.E2BIG, "setxattr", length + " bytes");
        }
        x.fs.setxattr(
                x.caller(),
                x.request.nodeId(),
                x.request.name(),
                x.request.tailAddress(),
                (int) length,
                x.request.getInt(SetxattrIn.FLAGS));
        x.reply.sendEmpty();
    }

    void removexattr() throws FsException {
        x.fs.removexattr(x.caller(), x.request.nodeId(), x.request.name());
        x.reply.sendEmpty();
    }
}
