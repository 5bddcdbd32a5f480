package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.journal.Transaction;

/**
 * What a program file has above its caller: setuid, setgid, {@code security.capability}. A change of contents or owner
 * takes them away, as Linux's file_remove_privs does: this is FUSE_HANDLE_KILLPRIV_V2's part of the bargain.
 */
final class Privileges {
    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);

    private final VolumeCore core;

    Privileges(VolumeCore core) {
        this.core = core;
    }

    /** Where the request does not say whether the caller has CAP_FSETID: only root has. */
    static boolean lacksSetIdRight(Caller caller) {
        return caller.uid() != 0;
    }

    /** Of the caller's groups only the first is known: a member by another one counts as an outsider. */
    int withoutIds(int mode, long inode, Caller caller) {
        boolean inGroup = caller.uid() == 0 || caller.gid() == core.memory.getInt(inode + InodeLayout.GID);
        return InodeFlags.withoutPrivileges(mode, inGroup);
    }

    boolean hasCapability(long inode, long ino) throws FsException {
        return core.memory.getLong(inode + InodeLayout.XATTR) != 0
                && core.xattrs.contains(core.memory, inode, ino, CAPABILITY, CAPABILITY.length);
    }

    /** Whether {@link #drop} has anything to take away; any lock of the inode is held. */
    boolean hasAny(long inode, long ino, Caller caller, boolean killIds) throws FsException {
        int mode = core.modeOf(inode);
        return (killIds && withoutIds(mode, inode, caller) != mode) || hasCapability(inode, ino);
    }

    /** Stages the loss of the capability; needs space, and the caller seals the inode. */
    void removeCapability(Transaction tx, long inode, long ino) throws FsException {
        long before = tx.space().balance();
        core.xattrs.remove(tx, inode, ino, CAPABILITY, CAPABILITY.length);
        VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
    }

    /**
     * Before the contents change: in a transaction of its own, so that no crash shows new contents with old privileges.
     * The inode's lock is held exclusively.
     *
     * @param killIds whether setuid and setgid go as well: the caller lacks CAP_FSETID
     */
    void drop(long inode, long ino, Caller caller, boolean killIds) throws FsException {
        int mode = core.modeOf(inode);
        int left = killIds ? withoutIds(mode, inode, caller) : mode;
        boolean capable = hasCapability(inode, ino);
        if (left == mode && !capable) {
            return;
        }
        try (Operation op = core.begin(true)) {
            Transaction tx = op.tx();
            if (capable) {
                removeCapability(tx, inode, ino);
            }
            tx.putInt(inode + InodeLayout.MODE, left);
            tx.putLong(inode + InodeLayout.CTIME, Clock.now());
            VolumeCore.seal(tx, inode);
            op.commit();
        }
    }
}
