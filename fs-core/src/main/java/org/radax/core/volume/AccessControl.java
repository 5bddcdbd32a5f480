package org.radax.core.volume;

import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.xattr.Acl;
import org.radax.core.xattr.AttributeStore;

/**
 * POSIX ACLs of inodes, kept as attributes. An access ACL's entries for owner, mask and others are the mode's bits and
 * nothing else, so chmod changes both by changing the mode; one without a mask is the mode alone and not stored.
 * Who may do what is checked by the kernel, which asks for the ACLs.
 */
final class AccessControl {
    private final VolumeCore core;

    AccessControl(VolumeCore core) {
        this.core = core;
    }

    /** Null if there is none. */
    Acl find(long inode, long ino, AclKind kind) throws FsException {
        if (core.memory.getLong(inode + InodeLayout.XATTR) == 0) {
            return null;
        }
        byte[] name = kind.attributeName();
        byte[] stored = core.xattrs.find(core.memory, inode, ino, name, name.length);
        if (stored == null) {
            return null;
        }
        Acl acl = Acl.fromStored(stored, inode);
        return kind == AclKind.ACCESS ? acl.withMode(core.modeOf(inode)) : acl;
    }

    /** Stages an ACL, null to remove it; an access ACL changes the mode with it. The caller seals the inode. */
    void stage(Transaction tx, long inode, long ino, AclKind kind, Acl acl) throws FsException {
        boolean access = kind == AclKind.ACCESS;
        if (access && acl != null) {
            int mode = tx.getInt(inode + InodeLayout.MODE);
            tx.putInt(inode + InodeLayout.MODE, (mode & ~InodeFlags.PERMISSIONS) | acl.mode());
        }
        byte[] name = kind.attributeName();
        if (acl != null && !(access && acl.isMode())) {
            byte[] stored = (access ? acl.withMode(0) : acl).toStored();
            long[] blocks = new long[AttributeStore.externalBlocks(stored.length)];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = tx.takeBlock();
            }
            core.xattrs.set(tx, inode, ino, name, name.length, stored, blocks);
        } else if (core.xattrs.contains(tx, inode, ino, name, name.length)) {
            core.xattrs.remove(tx, inode, ino, name, name.length);
        }
    }

    /**
     * Stages what a new inode inherits (posix_acl_create): from the parent's default ACL, which takes the umask's place,
     * else the mode less the umask. Symbolic links inherit nothing.
     *
     * @param mode as asked for, type included, staged already
     */
    void inherit(Transaction tx, long directory, long inode, long ino, int mode, int umask) throws FsException {
        int type = mode & InodeFlags.TYPE_MASK;
        if (type == InodeFlags.SYMLINK) {
            return;
        }
        long parent = core.memory.getLong(directory + InodeLayout.INO);
        Acl inherited = find(directory, parent, AclKind.DEFAULT);
        if (inherited == null) {
            tx.putInt(inode + InodeLayout.MODE, mode & ~(umask & InodeFlags.PERMISSIONS));
            return;
        }
        long before = tx.space().balance();
        stage(tx, inode, ino, AclKind.ACCESS, inherited.inheritedWith(mode));
        if (type == InodeFlags.DIRECTORY) {
            stage(tx, inode, ino, AclKind.DEFAULT, inherited);
        }
        VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
    }
}
