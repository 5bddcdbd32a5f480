package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import org.radax.core.alloc.BlockRange;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.os.RawMemory;
import org.radax.core.xattr.Acl;
import org.radax.core.xattr.AttributeStore;

/** Extended attributes of inodes, POSIX ACLs among them. Each change is one transaction. */
final class InodeXattrs {
    private static final byte[][] NAMESPACES = {namespace("user."), namespace("trusted."), namespace("security.")};

    /** XATTR_LIST_MAX: listxattr(2) could not show more. */
    private static final int MAX_LIST_BYTES = 65536;

    private final VolumeCore core;
    private final AccessControl acls;

    InodeXattrs(VolumeCore core, AccessControl acls) {
        this.core = core;
        this.acls = acls;
    }

    private static byte[] namespace(String prefix) {
        return prefix.getBytes(StandardCharsets.US_ASCII);
    }

    private static void checkName(Name name, String operation) throws FsException {
        if (name.tooLong()) {
            throw new FsException(Errno.ERANGE, operation, "a name of " + name.length() + " bytes");
        }
        for (byte[] namespace : NAMESPACES) {
            if (name.startsWith(namespace)) {
                if (name.length() == namespace.length) {
                    throw new FsException(Errno.EINVAL, operation, "a name of a namespace alone");
                }
                return;
            }
        }
        throw new FsException(Errno.EOPNOTSUPP, operation, "attributes are user., trusted. or security.");
    }

    int get(long ino, Name name, long target, int capacity) throws FsException {
        AclKind kind = AclKind.of(name);
        if (kind == null) {
            checkName(name, "getxattr");
        }
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            byte[] value = null;
            if (kind != null) {
                Acl acl = acls.find(inode, ino, kind);
                value = acl == null ? null : acl.toWire();
            } else if (core.memory.getLong(inode + InodeLayout.XATTR) != 0) {
                value = core.xattrs.find(core.memory, inode, ino, name.bytes(), name.length());
            }
            return copyOut(value, target, capacity);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    private static int copyOut(byte[] value, long target, int capacity) throws FsException {
        if (value == null) {
            throw new FsException(Errno.ENODATA, "getxattr", "no such attribute");
        }
        if (capacity == 0) {
            return value.length;
        }
        if (value.length > capacity) {
            throw new FsException(Errno.ERANGE, "getxattr", value.length + " bytes into " + capacity);
        }
        RawMemory.copyIn(value, 0, target, value.length);
        return value.length;
    }

    int list(Caller caller, long ino, long target, int capacity) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            return core.xattrs.list(core.memory, core.inodes.require(ino), ino, caller.uid() == 0, target, capacity);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    void set(long ino, Name name, long value, int length, int flags) throws FsException {
        core.requireWritable("setxattr");
        AclKind kind = AclKind.of(name);
        if (kind == null) {
            checkName(name, "setxattr");
        }
        if (length < 0 || length > FileSystem.MAX_XATTR_BYTES) {
            throw new FsException(Errno.E2BIG, "setxattr", length + " bytes, at most 65536");
        }
        byte[] bytes = new byte[length];
        RawMemory.copyOut(value, bytes, 0, length);
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = core.inodes.require(ino);
            core.requireChangeable(inode, "setxattr");
            if (kind != null) {
                setAcl(inode, ino, kind, bytes, flags);
                return;
            }
            boolean there = core.xattrs.contains(core.memory, inode, ino, name.bytes(), name.length());
            if (there && (flags & FileSystem.XATTR_CREATE) != 0) {
                throw new FsException(Errno.EEXIST, "setxattr", "the attribute is there");
            }
            if (!there && (flags & FileSystem.XATTR_REPLACE) != 0) {
                throw new FsException(Errno.ENODATA, "setxattr", "no such attribute");
            }
            if (!there) {
                requireRoomInList(inode, ino, name.length());
            }
            store(inode, ino, name, bytes);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    private void requireRoomInList(long inode, long ino, int nameLength) throws FsException {
        if (core.xattrs.list(core.memory, inode, ino, true, 0, 0) + nameLength + 1 > MAX_LIST_BYTES) {
            throw new FsException(Errno.ENOSPC, "setxattr", "names of more than 65536 bytes");
        }
    }

    private void setAcl(long inode, long ino, AclKind kind, byte[] wire, int flags) throws FsException {
        Acl acl = Acl.fromWire(wire);
        int mode = core.modeOf(inode);
        if ((mode & InodeFlags.TYPE_MASK) == InodeFlags.SYMLINK) {
            throw new FsException(Errno.EOPNOTSUPP, "setxattr", "symbolic links have no ACL");
        }
        if (kind == AclKind.DEFAULT && acl != null && !InodeFlags.isDirectory(mode)) {
            throw new FsException(Errno.EACCES, "setxattr", "only directories have a default ACL");
        }
        if (acl != null && acls.find(inode, ino, kind) == null) {
            requireRoomInList(inode, ino, kind.attributeName().length);
        }
        boolean killSetgid = kind == AclKind.ACCESS && acl != null && (flags & FileSystem.XATTR_KILL_SETGID) != 0;
        try (Operation op = core.begin(acl == null || acl.isMode())) {
            Transaction tx = op.tx();
            long before = tx.space().balance();
            acls.stage(tx, inode, ino, kind, acl);
            if (killSetgid) {
                tx.putInt(inode + InodeLayout.MODE, tx.getInt(inode + InodeLayout.MODE) & ~InodeFlags.SETGID);
            }
            finish(tx, inode, before);
            op.commit();
        }
    }

    private void store(long inode, long ino, Name name, byte[] value) throws FsException {
        long[] blocks = new long[AttributeStore.externalBlocks(value.length)];
        core.allocator.reserve(blocks.length);
        int drawn = 0;
        try (Operation op = core.begin(false)) {
            Transaction tx = op.tx();
            long before = tx.space().balance();
            BlockRange range = new BlockRange();
            while (drawn < blocks.length) {
                core.allocator.allocate(tx, blocks.length - drawn, 0, range);
                for (long i = 0; i < range.count(); i++) {
                    blocks[drawn++] = range.start() + i;
                }
            }
            core.xattrs.set(tx, inode, ino, name.bytes(), name.length(), value, blocks);
            finish(tx, inode, before);
            op.commit();
        } finally {
            core.allocator.unreserve(blocks.length - drawn);
        }
    }

    private static void finish(Transaction tx, long inode, long before) {
        tx.putLong(inode + InodeLayout.CTIME, Clock.now());
        VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
        VolumeCore.seal(tx, inode);
    }

    void remove(long ino, Name name) throws FsException {
        core.requireWritable("removexattr");
        if (AclKind.of(name) == null) {
            checkName(name, "removexattr");
        }
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = core.inodes.require(ino);
            core.requireChangeable(inode, "removexattr");
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                long before = tx.space().balance();
                core.xattrs.remove(tx, inode, ino, name.bytes(), name.length());
                finish(tx, inode, before);
                op.commit();
            }
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }
}
