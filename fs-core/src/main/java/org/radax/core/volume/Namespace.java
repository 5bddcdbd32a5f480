package org.radax.core.volume;

import java.util.concurrent.locks.ReentrantLock;
import org.radax.core.btree.BTree;
import org.radax.core.dir.DirectoryEntry;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.inode.InodeTable;
import org.radax.core.journal.Transaction;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.WordReader;

/**
 * Names: look-up, creation, removal, rename. Each operation is one transaction, durable when it returns (the removal
 * of a big file's contents excepted: its inode is an orphan meanwhile).
 *
 * <p>Lock order: the rename mutex, then inode locks in stripe order. Whoever must know a name's inode to lock it looks
 * it up first, locks, and looks again.
 */
final class Namespace {
    private final VolumeCore core;
    private final PoolMemory memory;
    private final InodeReader reader;
    private final FileData fileData;
    private final AccessControl acls;
    /** Held while a directory moves to another parent: keeps the tree a tree. */
    private final ReentrantLock renameMutex = new ReentrantLock();

    private final ThreadLocal<DirectoryEntry> entries = ThreadLocal.withInitial(DirectoryEntry::new);

    Namespace(VolumeCore core, InodeReader reader, FileData fileData, AccessControl acls) {
        this.core = core;
        this.fileData = fileData;
        this.acls = acls;
        this.memory = core.memory;
        this.reader = reader;
    }

    // Look-up.

    boolean lookup(long parent, Name name, Attributes out) throws FsException {
        long child;
        long stamp = core.locks.lockShared(parent);
        try {
            long directory = requireDirectory(parent, "lookup");
            child = find(directory, parent, name);
            if (child == 0) {
                return false;
            }
            // Under the directory's lock: whoever removes the name next finds the inode held.
            core.holds.add(child, 1);
        } finally {
            core.locks.unlock(parent, stamp);
        }
        boolean done = false;
        stamp = core.locks.lockShared(child);
        try {
            core.inodes.verify(child);
            reader.fill(child, out);
            done = true;
        } finally {
            core.locks.unlock(child, stamp);
            if (!done) {
                core.holds.drop(child, 1);
            }
        }
        return true;
    }

    private long find(long directory, long ino, Name name) throws FsException {
        if (name.isDot()) {
            return ino;
        }
        if (name.isDotDot()) {
            if (memory.getInt(directory + InodeLayout.LINK_COUNT) == 0) {
                throw new FsException(Errno.ESTALE, "lookup", "the directory was removed, its parent perhaps as well");
            }
            return memory.getLong(directory + InodeLayout.PARENT);
        }
        checkName(name);
        DirectoryEntry entry = entries.get();
        return core.directories.lookup(memory, VolumeCore.rootOf(directory), ino, name.bytes(), name.length(), entry)
                ? entry.ino()
                : 0;
    }

    private static void checkName(Name name) throws FsException {
        if (name.tooLong()) {
            throw new FsException(Errno.ENAMETOOLONG, "name", name.length() + " bytes, at most 255");
        }
        boolean bad = name.length() == 0;
        for (int i = 0; i < name.length(); i++) {
            bad |= name.bytes()[i] == 0 || name.bytes()[i] == '/';
        }
        if (bad) {
            throw new FsException(Errno.EINVAL, "name", "empty, or holds NUL or '/'");
        }
    }

    /** For names that are to be made or removed. */
    private static void checkNewName(Name name) throws FsException {
        checkName(name);
        if (name.isDot() || name.isDotDot()) {
            throw new FsException(Errno.EEXIST, "name", "'.' and '..' are reserved");
        }
    }

    private long requireDirectory(long ino, String operation) throws FsException {
        long inode = core.inodes.require(ino);
        if (!InodeFlags.isDirectory(core.modeOf(inode))) {
            throw new FsException(Errno.ENOTDIR, operation, "inode " + ino + " is not a directory");
        }
        return inode;
    }

    /** A directory that may get a new name. */
    private long requireTarget(long ino, String operation) throws FsException {
        core.requireWritable(operation);
        long inode = requireDirectory(ino, operation);
        if (memory.getInt(inode + InodeLayout.LINK_COUNT) == 0) {
            throw new FsException(Errno.ENOENT, operation, "the directory was removed");
        }
        if ((memory.getInt(inode + InodeLayout.FLAGS) & InodeFlags.IMMUTABLE) != 0) {
            throw new FsException(Errno.EPERM, operation, "the directory is immutable");
        }
        return inode;
    }

    // Creation.

    /** What becomes of a new inode besides its name. */
    private enum Held {
        BY_TRANSPORT,
        ALSO_OPEN
    }

    void create(Caller caller, long parent, Name name, int mode, int rdev, boolean open, Attributes out)
            throws FsException {
        create(caller, parent, name, mode, rdev, 0, 0, open ? Held.ALSO_OPEN : Held.BY_TRANSPORT, out);
    }

    void symlink(Caller caller, long parent, Name name, long linkAddress, int linkLength, Attributes out)
            throws FsException {
        if (linkLength > FileSystem.MAX_SYMLINK_BYTES) {
            throw new FsException(Errno.ENAMETOOLONG, "symlink", linkLength + " bytes, at most 4095");
        }
        if (linkLength == 0) {
            throw new FsException(Errno.ENOENT, "symlink", "empty target");
        }
        int mode = InodeFlags.SYMLINK | 0777;
        create(caller, parent, name, mode, 0, linkAddress, linkLength, Held.BY_TRANSPORT, out);
    }

    private void create(
            Caller caller,
            long parent,
            Name name,
            int mode,
            int rdev,
            long linkAddress,
            int linkLength,
            Held held,
            Attributes out)
            throws FsException {
        checkNewName(name);
        long stamp = core.locks.lockExclusive(parent);
        try {
            long directory = requireTarget(parent, "create");
            if (find(directory, parent, name) != 0) {
                throw new FsException(Errno.EEXIST, "create", "the name is there");
            }
            boolean isDirectory = InodeFlags.isDirectory(mode);
            if (isDirectory && memory.getInt(directory + InodeLayout.LINK_COUNT) == -1) {
                throw new FsException(Errno.EMLINK, "mkdir", "2^32 - 1 links");
            }
            long ino;
            try (Operation op = core.begin(false)) {
                Transaction tx = op.tx();
                long now = Clock.now();
                ino = makeInode(tx, caller, directory, mode, rdev, now);
                long inode = core.inodes.offsetOf(ino);
                if (isDirectory) {
                    tx.putLong(inode + InodeLayout.PARENT, parent);
                    addLinks(tx, directory, 1);
                }
                if (linkLength > 0) {
                    storeLink(tx, inode, ino, linkAddress, linkLength);
                }
                addEntry(tx, directory, parent, name, ino, mode >>> 12, now);
                commitHeld(op, ino, held == Held.ALSO_OPEN ? 1 + Holds.OPEN : 1);
            }
            reader.fill(ino, out);
        } finally {
            core.locks.unlock(parent, stamp);
        }
    }

    /** O_TMPFILE: an orphan from birth, until it is given a name. */
    void createNameless(Caller caller, long parent, int mode, Attributes out) throws FsException {
        long stamp = core.locks.lockExclusive(parent);
        try {
            long directory = requireTarget(parent, "create");
            long ino;
            try (Operation op = core.begin(false)) {
                Transaction tx = op.tx();
                core.allocator.lockState();
                ino = makeInode(tx, caller, directory, mode, 0, Clock.now());
                tx.putInt(core.inodes.offsetOf(ino) + InodeLayout.LINK_COUNT, 0);
                core.orphans.add(tx, ino, Orphans.UNLINKED);
                commitHeld(op, ino, 1 + Holds.OPEN);
            }
            reader.fill(ino, out);
        } finally {
            core.locks.unlock(parent, stamp);
        }
    }

    /** Held before it is there: whoever still forgets the number's last life must not take it for his. */
    private void commitHeld(Operation op, long ino, long count) throws FsException {
        boolean done = false;
        core.holds.add(ino, count);
        try {
            op.commit();
            done = true;
        } finally {
            if (!done) {
                core.holds.drop(ino, count);
            }
        }
    }

    private long makeInode(Transaction tx, Caller caller, long directory, int mode, int rdev, long now)
            throws FsException {
        long ino = core.inodes.allocate(tx);
        long inode = core.inodes.offsetOf(ino);
        boolean isDirectory = InodeFlags.isDirectory(mode);
        int parentMode = tx.getInt(directory + InodeLayout.MODE);
        boolean inheritsGroup = (parentMode & InodeFlags.SETGID) != 0;
        int type = mode & InodeFlags.TYPE_MASK;
        // Setgid with group-execute, asked for by somebody outside of the group, the kernel has taken off before.
        int asked = isDirectory && inheritsGroup ? mode | InodeFlags.SETGID : mode;
        int inherited = tx.getInt(directory + InodeLayout.FLAGS);
        int flags = 0;
        if (isDirectory || type == InodeFlags.REGULAR) {
            flags = inherited & (InodeFlags.NODUMP | InodeFlags.NOATIME | InodeFlags.DAX);
            tx.putInt(inode + InodeLayout.EXTENT_HINT, tx.getInt(directory + InodeLayout.EXTENT_HINT));
        }
        tx.putInt(inode + InodeLayout.MODE, asked);
        acls.inherit(tx, directory, inode, ino, asked, caller.umask());
        tx.putInt(inode + InodeLayout.LINK_COUNT, isDirectory ? 2 : 1);
        tx.putInt(inode + InodeLayout.FLAGS, flags);
        tx.putInt(inode + InodeLayout.UID, caller.uid());
        tx.putInt(inode + InodeLayout.GID, inheritsGroup ? tx.getInt(directory + InodeLayout.GID) : caller.gid());
        tx.putInt(inode + InodeLayout.RDEV, rdev);
        tx.putInt(inode + InodeLayout.PROJECT, tx.getInt(directory + InodeLayout.PROJECT));
        tx.putLong(inode + InodeLayout.ATIME, now);
        tx.putLong(inode + InodeLayout.BIRTH, now);
        VolumeCore.touch(tx, inode, now);
        return ino;
    }

    private void storeLink(Transaction tx, long inode, long ino, long linkAddress, int linkLength) throws FsException {
        byte[] image = new byte[4096];
        RawMemory.copyOut(linkAddress, image, 0, linkLength);
        long block = tx.takeBlock();
        tx.writeFresh(block, image);
        core.extents.insert(tx, VolumeCore.rootOf(inode), ino, 0, block, 1, false);
        tx.putLong(inode + InodeLayout.SIZE, linkLength);
        tx.putLong(inode + InodeLayout.BLOCKS, 1);
    }

    private void addEntry(Transaction tx, long directory, long parent, Name name, long ino, int type, long now)
            throws FsException {
        long before = tx.space().balance();
        core.directories.insert(tx, VolumeCore.rootOf(directory), parent, name.bytes(), name.length(), ino, type);
        countEntry(tx, directory, 1, tx.space().balance() - before, now);
    }

    private void removeEntry(Transaction tx, long directory, long parent, DirectoryEntry entry, long now)
            throws FsException {
        long before = tx.space().balance();
        core.directories.remove(tx, VolumeCore.rootOf(directory), parent, entry);
        countEntry(tx, directory, -1, tx.space().balance() - before, now);
    }

    private static void countEntry(Transaction tx, long directory, int entries, long blocks, long now) {
        tx.putLong(directory + InodeLayout.SIZE, tx.getLong(directory + InodeLayout.SIZE) + entries);
        VolumeCore.addBlocks(tx, directory, blocks);
        VolumeCore.touch(tx, directory, now);
    }

    private static void addLinks(Transaction tx, long inode, int change) {
        tx.putInt(inode + InodeLayout.LINK_COUNT, tx.getInt(inode + InodeLayout.LINK_COUNT) + change);
        VolumeCore.seal(tx, inode);
    }

    void link(long ino, long parent, Name name, Attributes out) throws FsException {
        checkNewName(name);
        LockSet locks = new LockSet(core.locks).add(parent).add(ino);
        locks.lock();
        try {
            long directory = requireTarget(parent, "link");
            long inode = core.inodes.require(ino);
            if (InodeFlags.isDirectory(core.modeOf(inode))) {
                throw new FsException(Errno.EPERM, "link", "a directory has one name");
            }
            core.requireChangeable(inode, "link");
            if (find(directory, parent, name) != 0) {
                throw new FsException(Errno.EEXIST, "link", "the name is there");
            }
            int links = memory.getInt(inode + InodeLayout.LINK_COUNT);
            if (links == -1) {
                throw new FsException(Errno.EMLINK, "link", "2^32 - 1 links");
            }
            try (Operation op = core.begin(false)) {
                Transaction tx = op.tx();
                long now = Clock.now();
                if (links == 0) {
                    // A nameless file (O_TMPFILE) gets its first name. What could not be cut off is the next mount's.
                    if (core.orphans.isHalfCut(ino)) {
                        core.orphans.add(tx, ino, Orphans.TRUNCATED);
                    } else {
                        core.orphans.remove(tx, ino);
                    }
                }
                addLinks(tx, inode, 1);
                tx.putLong(inode + InodeLayout.CTIME, now);
                addEntry(tx, directory, parent, name, ino, core.modeOf(inode) >>> 12, now);
                op.commit();
            }
            core.holds.add(ino, 1);
            reader.fill(ino, out);
        } finally {
            locks.unlock();
        }
    }

    // Removal.

    void remove(long parent, Name name, boolean asDirectory) throws FsException {
        String operation = asDirectory ? "rmdir" : "unlink";
        core.requireWritable(operation);
        if (name.isDot()) {
            throw new FsException(Errno.EINVAL, operation, "'.'");
        }
        if (name.isDotDot()) {
            throw new FsException(Errno.ENOTEMPTY, operation, "'..'");
        }
        checkName(name);
        LockSet locks = new LockSet(core.locks);
        while (true) {
            long child = peek(parent, name);
            if (child == 0) {
                throw new FsException(Errno.ENOENT, operation, "no such name");
            }
            locks.add(parent).add(child).lock();
            try {
                long directory = requireDirectory(parent, operation);
                if (find(directory, parent, name) == child) {
                    removeLocked(directory, parent, child, entries.get(), asDirectory, operation);
                    return;
                }
            } finally {
                locks.unlock();
            }
        }
    }

    private long peek(long parent, Name name) throws FsException {
        long stamp = core.locks.lockShared(parent);
        try {
            return find(requireDirectory(parent, "lookup"), parent, name);
        } finally {
            core.locks.unlock(parent, stamp);
        }
    }

    private void removeLocked(
            long directory, long parent, long child, DirectoryEntry entry, boolean asDirectory, String operation)
            throws FsException {
        core.requireChangeable(directory, operation);
        core.inodes.verify(child);
        long inode = core.inodes.offsetOf(child);
        core.requireChangeable(inode, operation);
        checkVictim(inode, asDirectory, operation);
        boolean freed;
        try (Operation op = core.begin(true)) {
            Transaction tx = op.tx();
            long now = Clock.now();
            core.allocator.lockState();
            removeEntry(tx, directory, parent, entry, now);
            freed = dropName(tx, directory, inode, child, now);
            op.commit();
        }
        freeIfUnheld(child, inode, freed);
    }

    private void checkVictim(long inode, boolean asDirectory, String operation) throws FsException {
        boolean isDirectory = InodeFlags.isDirectory(core.modeOf(inode));
        if (asDirectory && !isDirectory) {
            throw new FsException(Errno.ENOTDIR, operation, "not a directory");
        }
        if (!asDirectory && isDirectory) {
            throw new FsException(Errno.EISDIR, operation, "a directory");
        }
        if (isDirectory && !BTree.isEmpty(memory, VolumeCore.rootOf(inode))) {
            throw new FsException(Errno.ENOTEMPTY, operation, "the directory is not empty");
        }
    }

    /**
     * Takes one name's link from an inode. The last one frees it within the same transaction where nobody holds it and
     * it is small; else it becomes an orphan.
     *
     * @return whether it was freed
     */
    private boolean dropName(Transaction tx, long directory, long inode, long child, long now) throws FsException {
        tx.putLong(inode + InodeLayout.CTIME, now);
        if (InodeFlags.isDirectory(core.modeOf(inode))) {
            addLinks(tx, inode, -2);
            addLinks(tx, directory, -1);
        } else {
            addLinks(tx, inode, -1);
        }
        if (tx.getInt(inode + InodeLayout.LINK_COUNT) != 0) {
            return false;
        }
        if (!core.holds.isHeld(child)) {
            long before = tx.space().balance();
            boolean empty = core.orphans.dropContents(tx, inode, child);
            VolumeCore.addBlocks(tx, inode, tx.space().balance() - before);
            if (empty) {
                if (core.orphans.isHalfCut(child)) {
                    core.orphans.remove(tx, child);
                }
                core.inodes.free(tx, child);
                return true;
            }
        }
        core.orphans.add(tx, child, Orphans.UNLINKED);
        return false;
    }

    private void freeIfUnheld(long ino, long inode, boolean freed) throws FsException {
        if (freed) {
            core.mappings.forget(ino);
            core.orphans.forgetCut(ino);
        } else if (memory.getInt(inode + InodeLayout.LINK_COUNT) == 0 && !core.holds.isHeld(ino)) {
            core.orphans.free(ino);
        }
    }

    // Rename.

    void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags) throws FsException {
        core.requireWritable("rename");
        int known = FileSystem.RENAME_NOREPLACE | FileSystem.RENAME_EXCHANGE | FileSystem.RENAME_WHITEOUT;
        boolean exchange = (flags & FileSystem.RENAME_EXCHANGE) != 0;
        if ((flags & ~known) != 0 || (exchange && (flags & ~FileSystem.RENAME_EXCHANGE) != 0)) {
            throw new FsException(Errno.EINVAL, "rename", "flags " + flags);
        }
        if (name.isDot() || name.isDotDot() || newName.isDot() || newName.isDotDot()) {
            throw new FsException(Errno.EBUSY, "rename", "'.' or '..'");
        }
        checkName(name);
        checkName(newName);
        boolean mutex = parent != newParent;
        if (mutex) {
            renameMutex.lock();
        }
        try {
            LockSet locks = new LockSet(core.locks);
            boolean done = false;
            while (!done) {
                long source = peek(parent, name);
                long target = peek(newParent, newName);
                if (source == 0) {
                    throw new FsException(Errno.ENOENT, "rename", "no such name");
                }
                locks.add(parent).add(newParent).add(source).add(target).lock();
                try {
                    Rename rename = new Rename(parent, newParent, source, target, name, newName);
                    if (rename.isCurrent()) {
                        rename.run(caller, flags);
                        done = true;
                    }
                } finally {
                    locks.unlock();
                }
            }
        } finally {
            if (mutex) {
                renameMutex.unlock();
            }
        }
    }

    /** One rename, all its inodes locked. */
    private final class Rename {
        private final long parent;
        private final long newParent;
        private final long source;
        private final long target;
        private final Name name;
        private final Name newName;
        private long from;
        private long to;
        private final DirectoryEntry oldEntry = new DirectoryEntry();
        private final DirectoryEntry newEntry = new DirectoryEntry();

        Rename(long parent, long newParent, long source, long target, Name name, Name newName) {
            this.parent = parent;
            this.newParent = newParent;
            this.source = source;
            this.target = target;
            this.name = name;
            this.newName = newName;
        }

        boolean isCurrent() throws FsException {
            from = requireDirectory(parent, "rename");
            to = requireTarget(newParent, "rename");
            return look(memory, from, parent, name, oldEntry) == source
                    && look(memory, to, newParent, newName, newEntry) == target;
        }

        private long look(WordReader words, long directory, long ino, Name wanted, DirectoryEntry entry)
                throws FsException {
            return core.directories.lookup(
                            words, VolumeCore.rootOf(directory), ino, wanted.bytes(), wanted.length(), entry)
                    ? entry.ino()
                    : 0;
        }

        void run(Caller caller, int flags) throws FsException {
            if (target != 0 && (flags & FileSystem.RENAME_NOREPLACE) != 0) {
                throw new FsException(Errno.EEXIST, "rename", "the new name is there");
            }
            boolean exchange = (flags & FileSystem.RENAME_EXCHANGE) != 0;
            if (exchange && target == 0) {
                throw new FsException(Errno.ENOENT, "rename", "nothing to exchange with");
            }
            if (source == target) {
                // Two names of one file, or one name: nothing to do (POSIX).
                return;
            }
            core.inodes.verify(source);
            if (target != 0) {
                core.inodes.verify(target);
            }
            core.requireChangeable(from, "rename");
            core.requireChangeable(core.inodes.offsetOf(source), "rename");
            if (target != 0) {
                core.requireChangeable(to, "rename");
                core.requireChangeable(core.inodes.offsetOf(target), "rename");
            }
            checkAncestors(exchange);
            if (exchange) {
                exchange();
            } else {
                move(caller, (flags & FileSystem.RENAME_WHITEOUT) != 0);
            }
        }

        /** A directory must not become its own descendant; the rename mutex keeps the chain of parents still. */
        private void checkAncestors(boolean exchange) throws FsException {
            if (parent == newParent) {
                return;
            }
            if (isDirectory(source) && isWithin(newParent, source)) {
                throw new FsException(Errno.EINVAL, "rename", "a directory into itself");
            }
            if (target != 0 && isDirectory(target) && isWithin(parent, target)) {
                throw exchange
                        ? new FsException(Errno.EINVAL, "rename", "a directory into itself")
                        : new FsException(Errno.ENOTEMPTY, "rename", "the new name holds the old one");
            }
        }

        private boolean isWithin(long ino, long ancestor) throws FsException {
            long at = ino;
            for (long steps = 0; at != InodeTable.ROOT_INO; steps++) {
                if (at == ancestor) {
                    return true;
                }
                if (steps > 1 << 20) {
                    throw new FsException(Errno.ELOOP, "rename", "the parents of inode " + ino + " never end");
                }
                at = memory.getLong(core.inodes.require(at) + InodeLayout.PARENT);
            }
            return ancestor == InodeTable.ROOT_INO;
        }

        private boolean isDirectory(long ino) {
            return InodeFlags.isDirectory(core.modeOf(core.inodes.offsetOf(ino)));
        }

        private void exchange() throws FsException {
            if (parent != newParent && isDirectory(source) != isDirectory(target)) {
                requireRoomForLink(isDirectory(source) ? to : from);
            }
            try (Operation op = core.begin(true)) {
                Transaction tx = op.tx();
                long now = Clock.now();
                long first = core.inodes.offsetOf(source);
                long second = core.inodes.offsetOf(target);
                core.directories.replace(tx, oldEntry, target, core.modeOf(second) >>> 12);
                core.directories.replace(tx, newEntry, source, core.modeOf(first) >>> 12);
                if (parent != newParent) {
                    changeParent(tx, first, isDirectory(source), from, to, newParent);
                    changeParent(tx, second, isDirectory(target), to, from, parent);
                }
                tx.putLong(first + InodeLayout.CTIME, now);
                tx.putLong(second + InodeLayout.CTIME, now);
                VolumeCore.seal(tx, first);
                VolumeCore.seal(tx, second);
                VolumeCore.touch(tx, from, now);
                VolumeCore.touch(tx, to, now);
                op.commit();
            }
        }

        private void changeParent(
                Transaction tx, long inode, boolean isDirectory, long oldDirectory, long newDirectory, long ino) {
            if (isDirectory) {
                tx.putLong(inode + InodeLayout.PARENT, ino);
                addLinks(tx, oldDirectory, -1);
                addLinks(tx, newDirectory, 1);
            }
        }

        private void move(Caller caller, boolean whiteout) throws FsException {
            boolean directory = isDirectory(source);
            if (target != 0) {
                checkReplaced(directory);
            } else if (directory && parent != newParent) {
                requireRoomForLink(to);
            }
            boolean freed = false;
            long inode = core.inodes.offsetOf(source);
            // A rename onto a name frees: it may draw on the reserve, so that a full volume can be tidied.
            try (Operation op = core.begin(target != 0)) {
                Transaction tx = op.tx();
                long now = Clock.now();
                core.allocator.lockState();
                long whiteoutIno = whiteout ? makeInode(tx, caller, from, InodeFlags.CHARACTER, 0, now) : 0;
                if (target != 0) {
                    core.directories.replace(tx, newEntry, source, core.modeOf(inode) >>> 12);
                    VolumeCore.touch(tx, to, now);
                    freed = dropName(tx, to, core.inodes.offsetOf(target), target, now);
                } else {
                    addEntry(tx, to, newParent, newName, source, core.modeOf(inode) >>> 12, now);
                    // The insertion may have moved the old entry.
                    look(tx, from, parent, name, oldEntry);
                }
                if (whiteout) {
                    core.directories.replace(tx, oldEntry, whiteoutIno, InodeFlags.CHARACTER >>> 12);
                    VolumeCore.touch(tx, from, now);
                } else {
                    removeEntry(tx, from, parent, oldEntry, now);
                }
                if (parent != newParent) {
                    changeParent(tx, inode, directory, from, to, newParent);
                }
                tx.putLong(inode + InodeLayout.CTIME, now);
                VolumeCore.seal(tx, inode);
                op.commit();
            }
            if (target != 0) {
                freeIfUnheld(target, core.inodes.offsetOf(target), freed);
            }
        }

        private void requireRoomForLink(long directory) throws FsException {
            if (memory.getInt(directory + InodeLayout.LINK_COUNT) == -1) {
                throw new FsException(Errno.EMLINK, "rename", "2^32 - 1 links");
            }
        }

        private void checkReplaced(boolean directory) throws FsException {
            long victim = core.inodes.offsetOf(target);
            boolean victimDirectory = isDirectory(target);
            if (directory && !victimDirectory) {
                throw new FsException(Errno.ENOTDIR, "rename", "a directory onto a file");
            }
            if (!directory && victimDirectory) {
                throw new FsException(Errno.EISDIR, "rename", "a file onto a directory");
            }
            if (victimDirectory && !BTree.isEmpty(memory, VolumeCore.rootOf(victim))) {
                throw new FsException(Errno.ENOTEMPTY, "rename", "the directory is not empty");
            }
        }
    }

    // Listing.

    void list(long ino, long cookie, boolean withAttributes, DirectoryVisitor visitor) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long directory = requireDirectory(ino, "readdir");
            Attributes attributes = withAttributes ? new Attributes() : null;
            byte[] dots = {'.', '.'};
            int type = InodeFlags.DIRECTORY >>> 12;
            if (cookie < 1 && !visitor.entry(1, ino, type, dots, 1, null)) {
                return;
            }
            long above = memory.getLong(directory + InodeLayout.PARENT);
            if (cookie < 2 && !visitor.entry(2, above, type, dots, 2, null)) {
                return;
            }
            core.directories.visit(
                    memory,
                    VolumeCore.rootOf(directory),
                    ino,
                    Math.max(2, cookie),
                    (key, child, childType, name, nameLength) ->
                            visit(visitor, key, child, childType, name, nameLength, attributes));
        } finally {
            core.locks.unlock(ino, stamp);
        }
        if (fileData.needsAtime(core.inodes.offsetOf(ino))) {
            fileData.touchAtime(ino);
        }
    }

    /** An inode whose lock is not free goes without attributes: waiting for it would break the lock order. */
    private boolean visit(
            DirectoryVisitor visitor, long key, long child, int type, byte[] name, int nameLength, Attributes room)
            throws FsException {
        if (room == null) {
            return visitor.entry(key, child, type, name, nameLength, null);
        }
        long stamp = core.locks.tryLockShared(child);
        if (stamp == 0) {
            return visitor.entry(key, child, type, name, nameLength, null);
        }
        try {
            core.inodes.verify(child);
            reader.fill(child, room);
            core.holds.add(child, 1);
            if (visitor.entry(key, child, type, name, nameLength, room)) {
                return true;
            }
            core.holds.drop(child, 1);
            return false;
        } finally {
            core.locks.unlock(child, stamp);
        }
    }
}
