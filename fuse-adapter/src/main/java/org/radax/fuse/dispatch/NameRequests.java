package org.radax.fuse.dispatch;

import org.radax.core.error.FsException;
import org.radax.fuse.wire.NameLayouts.LinkIn;
import org.radax.fuse.wire.NameLayouts.MkdirIn;
import org.radax.fuse.wire.NameLayouts.MknodIn;
import org.radax.fuse.wire.NameLayouts.RenameIn;

/** Making, moving and removing names. */
final class NameRequests {
    /** Permission, setuid, setgid and sticky bits: mkdir, create and tmpfile pass no type, it is in their name. */
    static final int PERMISSIONS = 07777;

    private final Exchange x;

    NameRequests(Exchange exchange) {
        this.x = exchange;
    }

    void symlink() throws FsException {
        x.fs.symlink(
                x.caller(),
                x.request.nodeId(),
                x.request.name(),
                x.request.targetAddress(),
                x.request.targetLength(),
                x.attributes);
        x.replyEntry();
    }

    /** The only one whose mode carries the type. */
    void mknod() throws FsException {
        x.fs.mknod(
                x.caller(x.request.getInt(MknodIn.UMASK)),
                x.request.nodeId(),
                x.request.name(),
                x.request.getInt(MknodIn.MODE),
                x.request.getInt(MknodIn.RDEV),
                x.attributes);
        x.replyEntry();
    }

    void mkdir() throws FsException {
        x.fs.mkdir(
                x.caller(x.request.getInt(MkdirIn.UMASK)),
                x.request.nodeId(),
                x.request.name(),
                x.request.getInt(MkdirIn.MODE) & PERMISSIONS,
                x.attributes);
        x.replyEntry();
    }

    void unlink() throws FsException {
        x.fs.unlink(x.caller(), x.request.nodeId(), x.request.name());
        x.reply.sendEmpty();
    }

    void rmdir() throws FsException {
        x.fs.rmdir(x.caller(), x.request.nodeId(), x.request.name());
        x.reply.sendEmpty();
    }

    void rename(int flags) throws FsException {
        x.fs.rename(
                x.caller(),
                x.request.nodeId(),
                x.request.name(),
                x.request.getLong(RenameIn.NEW_PARENT),
                x.request.secondName(),
                flags);
        x.reply.sendEmpty();
    }

    void link() throws FsException {
        x.fs.link(
                x.caller(), x.request.getLong(LinkIn.OLD_NODE_ID), x.request.nodeId(), x.request.name(), x.attributes);
        x.replyEntry();
    }
}
