package org.radax.fuse.dispatch;

import java.nio.charset.StandardCharsets;
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
    private static final byte[] ACLS = "system.posix_acl_".getBytes(StandardCharsets.US_ASCII);

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
        replyValue(capacity, x.fs.listxattr(x.caller(), x.request.nodeId(), x.reply.body(), capacity));
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
        refuseIdleAcl();
        long length = Integer.toUnsignedLong(x.request.getInt(SetxattrIn.VALUE_LENGTH));
        if (length > x.request.tailLength()) {
            throw Exchange.invalid("attribute value beyond the message:", length);
        }
        if (length > FileSystem.MAX_XATTR_BYTES) {
            throw new FsException(Errno.E2BIG, "setxattr", length + " bytes");
        }
        x.fs.setxattr(x.caller(), x.request.nodeId(), x.request.name(), x.request.tailAddress(), (int) length, flags());
        x.reply.sendEmpty();
    }

    private int flags() {
        int flags = x.request.getInt(SetxattrIn.FLAGS) & (FileSystem.XATTR_CREATE | FileSystem.XATTR_REPLACE);
        boolean killSetgid = x.shared.policy.acls()
                && (x.request.getInt(SetxattrIn.EXTENDED_FLAGS) & SetxattrIn.ACL_KILL_SETGID) != 0;
        return killSetgid ? flags | FileSystem.XATTR_KILL_SETGID : flags;
    }

    /** An ACL that nobody enforces protects nothing: it can be read, not changed. */
    private void refuseIdleAcl() throws FsException {
        if (!x.shared.policy.acls() && x.request.name().startsWith(ACLS)) {
            throw new FsException(Errno.EOPNOTSUPP, "ACL", "the kernel does not check permissions on this mount");
        }
    }

    void removexattr() throws FsException {
        refuseIdleAcl();
        x.fs.removexattr(x.caller(), x.request.nodeId(), x.request.name());
        x.reply.sendEmpty();
    }
}
