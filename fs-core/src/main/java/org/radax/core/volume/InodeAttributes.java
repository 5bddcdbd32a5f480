package org.radax.core.volume;

import org.radax.core.dax.LayoutGuard;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.unit.Units;

/** Attributes of inodes: stat's, and flags. Each change is one transaction. */
final class InodeAttributes {
    private final VolumeCore core;
    private final InodeReader reader;
    private final FileAllocation allocation;
    private final Privileges privileges;

    InodeAttributes(VolumeCore core, InodeReader reader, FileAllocation allocation, Privileges privileges) {
        this.core = core;
        this.reader = reader;
        this.allocation = allocation;
        this.privileges = privileges;
    }

    void get(long ino, Attributes out) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            core.inodes.require(ino);
            reader.fill(ino, out);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    void set(Caller caller, long ino, AttributeChange change, Attributes out) throws FsException {
        core.requireWritable("setattr");
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = core.inodes.require(ino);
            boolean kill = (change.valid & AttributeChange.KILL_PRIVILEGES) != 0;
            if ((change.valid & AttributeChange.SIZE) != 0) {
                allocation.truncateLocked(caller, ino, change.sizeBytes, kill);
            }
            if ((change.valid & ~AttributeChange.SIZE) != 0) {
                refuseProtected(inode, change);
                boolean owner = (change.valid & (AttributeChange.UID | AttributeChange.GID)) != 0;
                boolean losesCapability = (kill || owner) && privileges.hasCapability(inode, ino);
                try (Operation op = losesCapability ? core.begin(true) : core.beginSmall()) {
                    stage(op.tx(), inode, caller, change, kill);
                    if (losesCapability) {
                        privileges.removeCapability(op.tx(), inode, ino);
                    }
                    op.commit();
                }
            }
            reader.fill(ino, out);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /**
     * Immutable: nothing goes. Append-only: both times may be set to now, as touch(1) does. A kernel that caches writes
     * keeps mtime and ctime itself: it sends what they have become, after the fact, and never says "now" of them.
     */
    private void refuseProtected(long inode, AttributeChange change) throws FsException {
        int flags = core.memory.getInt(inode + InodeLayout.FLAGS);
        int valid = change.valid;
        boolean kernelKeepsTimes = (valid & AttributeChange.CTIME) != 0;
        int times = AttributeChange.ATIME | (kernelKeepsTimes ? 0 : AttributeChange.MTIME);
        int now = AttributeChange.ATIME_NOW | (kernelKeepsTimes ? 0 : AttributeChange.MTIME_NOW);
        boolean setsTimes = (valid & times) != 0;
        boolean setsOwner = (valid & (AttributeChange.MODE | AttributeChange.UID | AttributeChange.GID)) != 0;
        boolean immutable = (flags & InodeFlags.IMMUTABLE) != 0 && (setsOwner || setsTimes);
        boolean append = (flags & InodeFlags.APPEND) != 0 && (setsOwner || (setsTimes && (valid & now) != now));
        if (immutable || append) {
            throw new FsException(Errno.EPERM, "setattr", "immutable or append-only");
        }
    }

    private void stage(Transaction tx, long inode, Caller caller, AttributeChange change, boolean kill) {
        long now = Clock.now();
        int valid = change.valid;
        int mode = tx.getInt(inode + InodeLayout.MODE);
        if ((valid & AttributeChange.MODE) != 0) {
            mode = (mode & InodeFlags.TYPE_MASK) | (change.mode & 07777);
        }
        boolean owner = (valid & (AttributeChange.UID | AttributeChange.GID)) != 0;
        if ((valid & AttributeChange.UID) != 0) {
            tx.putInt(inode + InodeLayout.UID, change.uid);
        }
        if ((valid & AttributeChange.GID) != 0) {
            tx.putInt(inode + InodeLayout.GID, change.gid);
        }
        if ((kill || owner) && !InodeFlags.isDirectory(mode)) {
            mode = privileges.withoutIds(mode, inode, caller);
        }
        tx.putInt(inode + InodeLayout.MODE, mode);
        if ((valid & AttributeChange.ATIME) != 0) {
            boolean toNow = (valid & AttributeChange.ATIME_NOW) != 0;
            tx.putLong(inode + InodeLayout.ATIME, toNow ? now : change.atimeNanos);
        }
        if ((valid & AttributeChange.MTIME) != 0) {
            boolean toNow = (valid & AttributeChange.MTIME_NOW) != 0;
            tx.putLong(inode + InodeLayout.MTIME, toNow ? now : change.mtimeNanos);
        }
        boolean explicit = (valid & AttributeChange.CTIME) != 0;
        tx.putLong(inode + InodeLayout.CTIME, explicit ? change.ctimeNanos : now);
        VolumeCore.seal(tx, inode);
    }

    // Flags.

    void setFlags(long ino, int flags) throws FsException {
        if ((flags & ~InodeFlags.KNOWN) != 0) {
            throw new FsException(
                    Errno.EOPNOTSUPP, "set flags", "unknown flags 0x" + Integer.toHexString(flags & ~InodeFlags.KNOWN));
        }
        change(ino, flags, -1, -1);
    }

    void getExtended(long ino, ExtendedAttributes out) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            int flags = core.memory.getInt(inode + InodeLayout.FLAGS);
            out.extentSizeBytes = core.memory.getInt(inode + InodeLayout.EXTENT_HINT) << Units.BLOCK_SHIFT;
            out.xflags = toXflags(flags) | (out.extentSizeBytes != 0 ? InodeFlags.XFLAG_EXTSIZE : 0);
            out.projectId = core.memory.getInt(inode + InodeLayout.PROJECT);
            out.extentCount = InodeFlags.isRegular(core.modeOf(inode))
                    ? core.extents.count(core.memory, VolumeCore.rootOf(inode), ino)
                    : 0;
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    void setExtended(long ino, ExtendedAttributes change) throws FsException {
        int known = InodeFlags.XFLAG_IMMUTABLE
                | InodeFlags.XFLAG_APPEND
                | InodeFlags.XFLAG_NOATIME
                | InodeFlags.XFLAG_NODUMP
                | InodeFlags.XFLAG_EXTSIZE
                | InodeFlags.XFLAG_DAX;
        if ((change.xflags & ~known) != 0) {
            throw new FsException(
                    Errno.EOPNOTSUPP, "set flags", "unknown 0x" + Integer.toHexString(change.xflags & ~known));
        }
        boolean hinted = (change.xflags & InodeFlags.XFLAG_EXTSIZE) != 0;
        int hint = hinted ? change.extentSizeBytes : 0;
        if (hint < 0 || hint % Units.BLOCK_BYTES != 0) {
            throw new FsException(Errno.EINVAL, "extent-size hint", hint + " is no multiple of 4096");
        }
        change(ino, fromXflags(change.xflags), hint >> Units.BLOCK_SHIFT, change.projectId);
    }

    private static int toXflags(int flags) {
        return ((flags & InodeFlags.IMMUTABLE) != 0 ? InodeFlags.XFLAG_IMMUTABLE : 0)
                | ((flags & InodeFlags.APPEND) != 0 ? InodeFlags.XFLAG_APPEND : 0)
                | ((flags & InodeFlags.NOATIME) != 0 ? InodeFlags.XFLAG_NOATIME : 0)
                | ((flags & InodeFlags.NODUMP) != 0 ? InodeFlags.XFLAG_NODUMP : 0)
                | ((flags & InodeFlags.DAX) != 0 ? InodeFlags.XFLAG_DAX : 0);
    }

    private static int fromXflags(int xflags) {
        return ((xflags & InodeFlags.XFLAG_IMMUTABLE) != 0 ? InodeFlags.IMMUTABLE : 0)
                | ((xflags & InodeFlags.XFLAG_APPEND) != 0 ? InodeFlags.APPEND : 0)
                | ((xflags & InodeFlags.XFLAG_NOATIME) != 0 ? InodeFlags.NOATIME : 0)
                | ((xflags & InodeFlags.XFLAG_NODUMP) != 0 ? InodeFlags.NODUMP : 0)
                | ((xflags & InodeFlags.XFLAG_DAX) != 0 ? InodeFlags.DAX : 0);
    }

    /** Hint and project stay as they are where -1. */
    private void change(long ino, int flags, int hintBlocks, int project) throws FsException {
        core.requireWritable("set flags");
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = core.inodes.require(ino);
            int mode = core.modeOf(inode);
            int before = core.memory.getInt(inode + InodeLayout.FLAGS);
            if (!InodeFlags.isRegular(mode) && !InodeFlags.isDirectory(mode)) {
                throw new FsException(Errno.ENOTTY, "set flags", "neither file nor directory");
            }
            if ((before & flags & InodeFlags.IMMUTABLE) != 0 && before != flags) {
                throw new FsException(Errno.EPERM, "set flags", "immutable, and stays so");
            }
            LayoutGuard.Change change =
                    () -> commitFlags(inode, (before & ~InodeFlags.KNOWN) | flags, hintBlocks, project);
            if (((before ^ flags) & InodeFlags.DAX) != 0 && InodeFlags.isRegular(mode)) {
                core.guard.switchMode(ino, change);
            } else {
                change.run();
            }
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    private void commitFlags(long inode, int flags, int hintBlocks, int project) throws FsException {
        try (Operation op = core.beginSmall()) {
            Transaction tx = op.tx();
            tx.putInt(inode + InodeLayout.FLAGS, flags);
            if (hintBlocks >= 0) {
                tx.putInt(inode + InodeLayout.EXTENT_HINT, hintBlocks);
                tx.putInt(inode + InodeLayout.PROJECT, project);
            }
            tx.putLong(inode + InodeLayout.CTIME, Clock.now());
            VolumeCore.seal(tx, inode);
            op.commit();
        }
    }
}
