package org.radax.fuse.dispatch;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Timestamp;
import org.radax.core.volume.AttributeChange;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.VolumeStatistics;
import org.radax.fuse.wire.AttributeEncoder;
import org.radax.fuse.wire.AttributeLayouts.AttrOut;
import org.radax.fuse.wire.AttributeLayouts.EntryOut;
import org.radax.fuse.wire.AttributeLayouts.SetattrIn;
import org.radax.fuse.wire.AttributeLayouts.StatfsOut;
import org.radax.fuse.wire.AttributeLayouts.StatxOut;
import org.radax.fuse.wire.NameLayouts.BatchForgetIn;
import org.radax.fuse.wire.NameLayouts.ForgetIn;
import org.radax.fuse.wire.NameLayouts.ForgetOne;
import org.radax.fuse.wire.Reply;

/** Look-ups and attributes. */
final class InodeRequests {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final int KNOWN_CHANGES = AttributeChange.MODE
            | AttributeChange.UID
            | AttributeChange.GID
            | AttributeChange.SIZE
            | AttributeChange.ATIME
            | AttributeChange.MTIME
            | AttributeChange.ATIME_NOW
            | AttributeChange.MTIME_NOW
            | AttributeChange.CTIME
            | AttributeChange.KILL_PRIVILEGES;

    private final Exchange x;
    private final AttributeChange change = new AttributeChange();
    private final VolumeStatistics statistics = new VolumeStatistics();

    InodeRequests(Exchange exchange) {
        this.x = exchange;
    }

    void lookup() throws FsException {
        boolean found = true;
        if (x.request.name().isDot()) {
            // An NFS server asks for an inode it knows by number.
            x.fs.lookupInode(x.request.nodeId(), x.attributes);
        } else {
            found = x.fs.lookup(x.request.nodeId(), x.request.name(), x.attributes);
        }
        if (found) {
            x.replyEntry();
        } else {
            AttributeEncoder.putNoEntry(x.reply.body(), x.shared.policy.validSeconds());
            x.reply.send(EntryOut.SIZE);
        }
    }

    void forget() {
        x.reply.withhold();
        x.fs.forget(x.request.nodeId(), x.request.getLong(ForgetIn.COUNT));
    }

    void batchForget() throws FsException {
        x.reply.withhold();
        long count = Integer.toUnsignedLong(x.request.getInt(BatchForgetIn.COUNT));
        if (count * ForgetOne.SIZE > x.request.tailLength()) {
            throw Exchange.invalid("forgets more inodes than it names:", count);
        }
        long at = x.request.tailAddress();
        for (int i = 0; i < count; i++) {
            x.fs.forget(RawMemory.getLong(at + ForgetOne.NODE_ID), RawMemory.getLong(at + ForgetOne.COUNT));
            at += ForgetOne.SIZE;
        }
    }

    void getattr() throws FsException {
        x.fs.getattr(x.request.nodeId(), x.attributes);
        replyAttributes();
    }

    void statx() throws FsException {
        x.fs.getattr(x.request.nodeId(), x.attributes);
        AttributeEncoder.putStatx(x.reply.body(), x.attributes, x.shared.policy.validSeconds());
        x.reply.send(StatxOut.SIZE);
    }

    void setattr() throws FsException {
        int valid = x.request.getInt(SetattrIn.VALID);
        OpenFile file = (valid & SetattrIn.VALID_HANDLE) != 0 ? x.file(SetattrIn.HANDLE) : null;
        change.valid = valid & KNOWN_CHANGES;
        change.mode = x.request.getInt(SetattrIn.MODE);
        change.uid = x.request.getInt(SetattrIn.UID);
        change.gid = x.request.getInt(SetattrIn.GID);
        change.sizeBytes = (valid & AttributeChange.SIZE) != 0 ? x.fileOffset(SetattrIn.SIZE_BYTES) : 0;
        change.atimeNanos = time(valid & AttributeChange.ATIME, SetattrIn.ATIME, SetattrIn.ATIME_NSEC);
        change.mtimeNanos = time(valid & AttributeChange.MTIME, SetattrIn.MTIME, SetattrIn.MTIME_NSEC);
        change.ctimeNanos = time(valid & AttributeChange.CTIME, SetattrIn.CTIME, SetattrIn.CTIME_NSEC);
        x.fs.setattr(x.caller(), x.request.nodeId(), file, change, x.attributes);
        replyAttributes();
    }

    private long time(int wanted, int secondsOffset, int nanosOffset) throws FsException {
        if (wanted == 0) {
            return 0;
        }
        long seconds = x.request.getLong(secondsOffset);
        long nanos = Integer.toUnsignedLong(x.request.getInt(nanosOffset));
        if (nanos >= NANOS_PER_SECOND) {
            throw Exchange.invalid("nanoseconds", nanos);
        }
        return Timestamp.of(seconds, (int) nanos);
    }

    void readlink() throws FsException {
        x.reply.send(x.fs.readlink(x.request.nodeId(), x.reply.body(), Reply.BODY_CAPACITY));
    }

    void statfs() throws FsException {
        x.fs.statistics(statistics);
        AttributeEncoder.putStatfs(x.reply.body(), statistics);
        x.reply.send(StatfsOut.SIZE);
    }

    /**
     * The kernel asks only when mounted without default_permissions, which means: do not check. ENOSYS says so once
     * and for all.
     */
    void access() {
        x.reply.sendError(Errno.ENOSYS);
    }

    private void replyAttributes() {
        AttributeEncoder.putAttrOut(x.reply.body(), x.attributes, x.shared.policy.validSeconds());
        x.reply.send(AttrOut.SIZE);
    }
}
