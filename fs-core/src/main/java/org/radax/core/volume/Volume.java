package org.radax.core.volume;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.dax.Mapping;
import org.radax.core.dax.PageRun;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.Superblock;
import org.radax.core.journal.Transaction;
import org.radax.core.os.RawMemory;
import org.radax.core.os.Scarcity;
import org.radax.core.pool.CacheLineDomain;
import org.radax.core.pool.HostSpace;
import org.radax.core.pool.MsyncDomain;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;
import org.radax.core.scrub.DataVerifier;
import org.radax.core.scrub.ScrubProgress;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.unit.Units;
import org.radax.core.writeback.SyncReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mounted pool. Thread-safe. */
public final class Volume implements FileSystem, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Volume.class);
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);
    private static final long CLEAN = 1;
    private static final long MOUNTED = 2;
    private static final int O_ACCMODE = 3;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;

    private final PoolFile file;
    private final VolumeCore core;
    private final InodeReader reader;
    private final FileData data;
    private final FileAllocation allocation;
    private final Namespace names;
    private final InodeAttributes attributes;
    private final InodeXattrs xattrs;
    private final List<String> remarks;
    private final AtomicLong openFiles = new AtomicLong();
    private final Thread discarder;
    private final BackgroundWriteback background;
    private final DirectAccess direct;
    /** Files without a name that were let go on a frozen volume; its monitor is held while the volume freezes or thaws. */
    private final Queue<Long> unfreed = new ConcurrentLinkedQueue<>();

    /** Held by a scrub, by whoever exchanges the pool's memory below it, and for good from the close on. */
    private final Semaphore scrubbing = new Semaphore(1);

    private volatile LeaseDesk leaseDesk;
    private volatile boolean shutDown;
    private volatile boolean closed;

    private Volume(PoolFile file, VolumeCore core, List<String> remarks) {
        this.file = file;
        this.core = core;
        this.remarks = remarks;
        this.reader = new InodeReader(core);
        Privileges privileges = new Privileges(core);
        AccessControl acls = new AccessControl(core);
        this.data = new FileData(core, privileges);
        this.allocation = new FileAllocation(core, privileges);
        this.names = new Namespace(core, reader, data, acls);
        this.attributes = new InodeAttributes(core, reader, allocation, privileges);
        this.xattrs = new InodeXattrs(core, acls);
        this.background = new BackgroundWriteback(core);
        this.direct = new DirectAccess(core, reader, data, this::letGo);
        this.discarder = new Thread(this::discardNowAndThen, "radax-discard");
        discarder.setDaemon(true);
    }

    /**
     * Opens, recovers and locks a pool. One with unknown features that readers may ignore is opened for reading only,
     * whatever the options say.
     *
     * @throws PoolException with one line that says what, where, and what to do
     */
    public static Volume open(Path pool, VolumeOptions options) throws PoolException {
        PoolFile file = PoolFile.open(pool, !options.readOnly());
        boolean done = false;
        try {
            List<String> remarks = new ArrayList<>();
            PersistenceDomain domain = domain(file, options.domain());
            CrashRecorder recorder = domain instanceof CrashRecorder recording ? recording : null;
            PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), domain, recorder);
            Superblock superblock = SuperblockReader.read(pool, memory, remarks);
            if (!options.readOnly() && superblock.unknownReadOnlyCompatible() != 0) {
                file.close();
                return open(pool, options.asReadOnly());
            }
            Volume volume = open(file, memory, superblock, file, null, options, remarks);
            done = true;
            return volume;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /** Opens a volume in memory that somebody else provides and closes: crash tests. */
    public static Volume open(PoolMemory memory, HostSpace host, LayoutGuard guard, VolumeOptions options)
            throws PoolException {
        List<String> remarks = new ArrayList<>();
        Superblock superblock = SuperblockReader.read(Path.of("pool"), memory, remarks);
        return open(null, memory, superblock, host, guard, options, remarks);
    }

    private static Volume open(
            PoolFile file,
            PoolMemory memory,
            Superblock superblock,
            HostSpace host,
            LayoutGuard guard,
            VolumeOptions options,
            List<String> remarks)
            throws PoolException {
        Path path = file == null ? Path.of("pool") : file.path();
        try {
            VolumeCore core = new VolumeCore(memory, superblock, host, guard, options);
            Volume volume = new Volume(file, core, remarks);
            volume.start();
            return volume;
        } catch (CorruptPoolException e) {
            throw new PoolException(Errno.EUCLEAN, path + ": " + e.getMessage());
        } catch (PoolException e) {
            throw e;
        } catch (FsException e) {
            throw new PoolException(e.errno(), path + ": " + e.getMessage());
        } catch (InternalError e) {
            throw new PoolException(Errno.EIO, path + ": the pool can not be read: " + e.getMessage());
        }
    }

    private static PersistenceDomain domain(PoolFile file, String wanted) throws PoolException {
        if (!file.writable()) {
            return file.defaultDomain();
        }
        return switch (wanted) {
            case "auto" -> file.defaultDomain();
            case "cache-line" -> new CacheLineDomain(file.base());
            case "msync" -> new MsyncDomain(file.base());
            case "recorder" -> CrashRecorder.of(file);
            default ->
                throw new PoolException(Errno.EINVAL, "domain " + wanted + ": unknown; one of auto, cache-line, msync");
        };
    }

    /**
     * Recovery, in this order: the journal's records; from here on structures are sound; then what was left
     * unfinished. On a read-only mount all of it happens in a private view.
     */
    private void start() throws FsException {
        int replayed = core.journal.recover();
        if (replayed > 0) {
            remarks.add("replayed " + replayed + " journal records of a crash");
        }
        core.allocator.open();
        core.inodes.verify(ROOT_INO);
        if (!core.options().readOnly()) {
            requireKnownFeatures();
            becomeMounted();
        }
        if (file != null) {
            discarder.start();
            background.start();
        }
        for (String remark : remarks) {
            LOG.info("{}", remark);
        }
    }

    private void requireKnownFeatures() throws PoolException {
        long unknown = core.superblock.unknownReadOnlyCompatible();
        if (unknown != 0) {
            throw new PoolException(
                    Errno.EROFS,
                    (file == null ? "pool" : file.path()) + ": unknown features 0x" + Long.toHexString(unknown)
                            + ": for reading only; use a newer radax to write");
        }
    }

    private void becomeMounted() throws FsException {
        PoolMemory memory = core.memory;
        memory.putLong(STATE + StateLayout.MOUNT_STATE, MOUNTED);
        memory.putLong(STATE + StateLayout.LAST_MOUNT, Clock.now());
        memory.putLong(STATE + StateLayout.MOUNT_COUNT, memory.getLong(STATE + StateLayout.MOUNT_COUNT) + 1);
        // One line: with it the raised epoch becomes durable. The fence is this thread's own: the first record that
        // carries the epoch may be another thread's, whose fence does not cover this line.
        memory.writeBack(STATE + StateLayout.EPOCH, Units.LINE_BYTES);
        memory.fence();
        int finished = core.orphans.reap(false);
        if (finished > 0) {
            remarks.add("finished the removal or truncation of " + finished + " files");
        }
    }

    private void discardNowAndThen() {
        while (!closed) {
            try {
                Thread.sleep(2000);
            } catch (InterruptedException e) {
                return;
            }
            if (!core.options().readOnly() && core.options().discard() && core.journal.failure() == null) {
                Scarcity.survive(LOG, "giving free memory back", this::discard);
            }
        }
    }

    private void discard() {
        if (core.gate.tryEnter()) {
            try {
                core.allocator.discardFreeRuns();
            } catch (FsException e) {
                LOG.warn("giving free memory back to the host: {}", e.getMessage());
            } finally {
                core.gate.exit();
            }
        }
    }

    /** For tests that look inside. */
    VolumeCore core() {
        return core;
    }

    public VolumeInfo info() {
        Superblock s = core.superblock;
        PoolMemory memory = core.memory;
        return new VolumeInfo(
                file == null ? Path.of("pool") : file.path(),
                s.uuid(),
                s.label(),
                s.major() + "." + s.minor(),
                List.of(),
                s.sizeBytes(),
                core.geometry.blockCount(),
                core.allocator.freeBlocks(),
                core.allocator.reserveBlocks(),
                core.geometry.groupCount(),
                core.allocator.groupsInUse(),
                core.allocator.inodesUsed(),
                core.geometry.laneCount(),
                core.geometry.laneBytes(),
                s.createdNanos(),
                memory.getLong(STATE + StateLayout.LAST_MOUNT),
                memory.getLong(STATE + StateLayout.MOUNT_COUNT),
                memory.getLong(STATE + StateLayout.MOUNT_STATE) == CLEAN,
                memory.domain().name(),
                file == null
                        ? "memory"
                        : file.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                core.options().readOnly(),
                openFiles.get(),
                core.holds.size(),
                List.copyOf(remarks));
    }

    /** Switches between read-only and read-write. */
    public synchronized void remount(boolean readOnly) throws PoolException {
        synchronized (unfreed) {
            if (core.gate.isFrozen()) {
                throw new PoolException(Errno.EBUSY, "remount: the volume is frozen; thaw it first (radax thaw)");
            }
            remountUnfrozen(readOnly);
        }
    }

    private void remountUnfrozen(boolean readOnly) throws PoolException {
        VolumeOptions now = core.options();
        if (now.readOnly() == readOnly) {
            return;
        }
        if (core.journal.failure() != null) {
            throw new PoolException(Errno.EIO, "remount: " + core.journal.failure() + "; unmount and mount again");
        }
        VolumeOptions changed = now.as(readOnly);
        if (readOnly) {
            try {
                core.mappings.syncAll();
            } catch (FsException e) {
                throw new PoolException(e.errno(), "remount: " + e.getMessage());
            }
            core.useOptions(changed);
            markClean();
            return;
        }
        requireKnownFeatures();
        if (file != null && !file.writable()) {
            if (!scrubbing.tryAcquire()) {
                throw new PoolException(Errno.EBUSY, "remount: a scrub is under way; wait for it, or end it");
            }
            try {
                becomeWritable(now.domain(), changed);
            } finally {
                scrubbing.release();
            }
            return;
        }
        try {
            becomeMountedAs(changed);
        } catch (FsException e) {
            throw new PoolException(e.errno(), e.getMessage());
        }
    }

    private void becomeWritable(String domain, VolumeOptions changed) throws PoolException {
        file.makeWritable();
        core.memory.useDomain(domain(file, domain));
        try {
            // The private view had replayed the journal; now the pool itself does, with the same result.
            core.journal.recoverAgain();
            becomeMountedAs(changed);
        } catch (FsException e) {
            throw new PoolException(e.errno(), file.path() + ": " + e.getMessage());
        }
    }

    private void becomeMountedAs(VolumeOptions changed) throws FsException {
        becomeMounted();
        // Now others may change something: their records carry an epoch that is durable.
        core.useOptions(changed);
    }

    private void markClean() {
        core.memory.putLong(STATE + StateLayout.MOUNT_STATE, CLEAN);
        core.memory.writeBack(STATE + StateLayout.MOUNT_STATE, Long.BYTES);
        core.memory.fence();
    }

    /** Makes everything durable, marks the pool clean, and closes it. Idempotent. Nobody uses the volume any more. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Which ends a scrub.
        scrubbing.acquireUninterruptibly();
        thaw();
        background.end();
        try {
            discarder.interrupt();
            discarder.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            String failure = leaveClean();
            if (failure != null) {
                LOG.error("closing the pool: {}; it will be recovered at the next mount", failure);
            }
        } catch (InternalError gone) {
            // A page; it may be raised as late as where another error is caught, hence a frame further out.
            LOG.error("closing the pool: {}; it will be recovered at the next mount", gone.getMessage());
        } finally {
            core.journal.close();
            if (file != null) {
                file.close();
            }
        }
    }

    /** Null, or why the volume is not clean now. */
    private String leaveClean() {
        try {
            if (!core.options().readOnly() && core.journal.failure() == null) {
                core.mappings.syncAll();
                core.orphans.reap(true);
                core.allocator.emptyPockets(core.journal.idleLanes());
                RawMemory.raisePendingError();
                markClean();
            }
            return null;
        } catch (FsException e) {
            return e.getMessage();
        }
    }

    // The operations.

    @Override
    public boolean lookup(long parent, Name name, Attributes out) throws FsException {
        return names.lookup(parent, name, out);
    }

    @Override
    public void lookupInode(long ino, Attributes out) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            core.inodes.verify(ino);
            if (core.memory.getInt(inode + InodeLayout.LINK_COUNT) == 0) {
                throw new FsException(Errno.ESTALE, "inode " + ino, "its last name was removed");
            }
            core.holds.add(ino, 1);
            reader.fill(ino, out);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    @Override
    public void forget(long ino, long count) {
        if (ino == ROOT_INO || count <= 0) {
            return;
        }
        long missing = core.holds.forget(ino, count);
        if (missing > 0) {
            LOG.warn("inode {} was forgotten {} times more than it was looked up", ino, missing);
        }
        freeIfUnheld(ino);
    }

    /** An open or mapped file is let go of. */
    private void letGo(long ino) {
        core.holds.drop(ino, Holds.OPEN);
        freeIfUnheld(ino);
    }

    private void freeIfUnheld(long ino) {
        if (!core.holds.isHeld(ino)) {
            freeIfUnused(ino);
        }
        if (!unfreed.isEmpty() && !core.gate.isFrozen()) {
            // Put there in the very moment of the thaw.
            freeUnfreed();
        }
    }

    private void freeUnfreed() {
        for (Long ino = unfreed.poll(); ino != null; ino = unfreed.poll()) {
            freeIfUnused(ino);
        }
    }

    /** On a frozen volume a file without a name waits for the thaw. */
    private void freeIfUnused(long ino) {
        if (core.options().readOnly() || core.journal.failure() != null) {
            return;
        }
        long stamp = core.locks.lockExclusive(ino);
        try {
            long inode = core.inodes.require(ino);
            if (core.memory.getInt(inode + InodeLayout.LINK_COUNT) != 0 || core.holds.isHeld(ino)) {
                return;
            }
            if (!core.gate.tryEnter()) {
                unfreed.add(ino);
                return;
            }
            try {
                core.orphans.free(ino);
            } finally {
                core.gate.exit();
            }
        } catch (FsException e) {
            if (e.errno() != Errno.ESTALE) {
                // It stays an orphan: the next mount frees it.
                LOG.error("freeing inode {}: {}", ino, e.getMessage());
            }
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    @Override
    public void getattr(long ino, Attributes out) throws FsException {
        // A store through a mapping changes the times, and nobody has told of it yet (D23).
        core.mappings.findStores(ino);
        attributes.get(ino, out);
    }

    @Override
    public void setattr(Caller caller, long ino, OpenFile open, AttributeChange change, Attributes out)
            throws FsException {
        attributes.set(caller, ino, change, out);
    }

    @Override
    public int readlink(long ino, long targetAddress, int capacity) throws FsException {
        long length = linkLength(ino);
        if (length > capacity) {
            throw new FsException(Errno.ERANGE, "readlink", length + " bytes into " + capacity);
        }
        CopyingSink sink = new CopyingSink(targetAddress);
        data.read(ino, 0, length, sink);
        return (int) length;
    }

    private long linkLength(long ino) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            core.inodes.verify(ino);
            if ((core.modeOf(inode) & InodeFlags.TYPE_MASK) != InodeFlags.SYMLINK) {
                throw new FsException(Errno.EINVAL, "readlink", "not a symbolic link");
            }
            return core.memory.getLong(inode + InodeLayout.SIZE);
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    @Override
    public void symlink(Caller caller, long parent, Name name, long linkAddress, int linkLength, Attributes out)
            throws FsException {
        names.symlink(caller, parent, name, linkAddress, linkLength, out);
    }

    @Override
    public void mknod(Caller caller, long parent, Name name, int mode, int rdev, Attributes out) throws FsException {
        int type = mode & InodeFlags.TYPE_MASK;
        if (type == InodeFlags.DIRECTORY || type == InodeFlags.SYMLINK) {
            throw new FsException(Errno.EPERM, "mknod", "not for directories and links");
        }
        int typed = type == 0 ? mode | InodeFlags.REGULAR : mode;
        names.create(caller, parent, name, typed, rdev, false, out);
    }

    @Override
    public void mkdir(Caller caller, long parent, Name name, int mode, Attributes out) throws FsException {
        names.create(caller, parent, name, (mode & 07777) | InodeFlags.DIRECTORY, 0, false, out);
    }

    @Override
    public void unlink(Caller caller, long parent, Name name) throws FsException {
        names.remove(parent, name, false);
    }

    @Override
    public void rmdir(Caller caller, long parent, Name name) throws FsException {
        names.remove(parent, name, true);
    }

    @Override
    public void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags)
            throws FsException {
        names.rename(caller, parent, name, newParent, newName, flags);
    }

    @Override
    public void link(Caller caller, long ino, long newParent, Name newName, Attributes out) throws FsException {
        names.link(ino, newParent, newName, out);
    }

    @Override
    public boolean allowsDax() {
        return core.options().dax() != VolumeOptions.Dax.NEVER;
    }

    @Override
    public OpenFile open(Caller caller, long ino, int flags, boolean killPrivileges) throws FsException {
        boolean writing = (flags & O_ACCMODE) != 0;
        boolean truncating = (flags & O_TRUNC) != 0;
        if (writing || truncating) {
            core.requireWritable("open");
        }
        long stamp = truncating ? core.locks.lockExclusive(ino) : core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            core.inodes.verify(ino);
            int mode = core.modeOf(inode);
            if (!InodeFlags.isRegular(mode)) {
                throw new FsException(
                        InodeFlags.isDirectory(mode) ? Errno.EISDIR : Errno.EINVAL, "open", "not a regular file");
            }
            int inodeFlags = core.memory.getInt(inode + InodeLayout.FLAGS);
            boolean immutable = (inodeFlags & InodeFlags.IMMUTABLE) != 0;
            boolean append = (inodeFlags & InodeFlags.APPEND) != 0;
            if (writing && (immutable || (append && (truncating || (flags & O_APPEND) == 0)))) {
                throw new FsException(Errno.EPERM, "open", "immutable or append-only");
            }
            if (truncating) {
                allocation.truncateLocked(caller, ino, 0, killPrivileges);
            }
            boolean isDirect = reader.isDax(inode, mode);
            Handle handle = new Handle(ino, flags, isDirect, core.mappings.find(ino));
            hold(handle);
            return handle;
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    /** An inode that others hold, or its name, counts an open file more: wholly or, without memory for it, not at all. */
    private void hold(Handle handle) {
        boolean done = false;
        core.holds.add(handle.ino(), Holds.OPEN);
        try {
            count(handle);
            done = true;
        } finally {
            if (!done) {
                core.holds.drop(handle.ino(), Holds.OPEN);
            }
        }
    }

    @Override
    public OpenFile create(Caller caller, long parent, Name name, int mode, int flags, Attributes out)
            throws FsException {
        names.create(caller, parent, name, (mode & 07777) | InodeFlags.REGULAR, 0, true, out);
        return openedNew(flags, out);
    }

    @Override
    public OpenFile tmpfile(Caller caller, long parent, int mode, int flags, Attributes out) throws FsException {
        names.createNameless(caller, parent, (mode & 07777) | InodeFlags.REGULAR, out);
        return openedNew(flags, out);
    }

    /** Of a new file, which is held for it. */
    private OpenFile openedNew(int flags, Attributes attributes) {
        boolean done = false;
        try {
            Handle handle = new Handle(attributes.ino, flags, attributes.dax, null);
            count(handle);
            done = true;
            return handle;
        } finally {
            if (!done) {
                core.holds.forget(attributes.ino, 1);
                letGo(attributes.ino);
            }
        }
    }

    private void count(Handle handle) {
        if (!handle.direct()) {
            core.cachedOpens.add(handle.ino(), 1);
        }
        openFiles.incrementAndGet();
    }

    @Override
    public OpenFile opendir(Caller caller, long ino) throws FsException {
        long stamp = core.locks.lockShared(ino);
        try {
            long inode = core.inodes.require(ino);
            if (!InodeFlags.isDirectory(core.modeOf(inode))) {
                throw new FsException(Errno.ENOTDIR, "opendir", "inode " + ino + " is not a directory");
            }
            Handle handle = new Handle(ino, 0, true, null);
            hold(handle);
            return handle;
        } finally {
            core.locks.unlock(ino, stamp);
        }
    }

    @Override
    public void grantLease(Caller caller, OpenFile open, long outAddress) throws FsException {
        LeaseDesk desk = leaseDesk;
        if (desk == null) {
            throw new FsException(Errno.EOPNOTSUPP, "map", "this mount serves no leases");
        }
        if (!((Handle) open).readable()) {
            // As mmap(2) has it: what can be stored to can be read.
            throw new FsException(Errno.EACCES, "map", "the file was opened for writing only");
        }
        direct.requireMappable(open.ino());
        desk.grant(caller, open.ino(), ((Handle) open).writable(), outAddress);
    }

    /** Who records what is durable, if the volume was opened so: tests cut its power. */
    public Optional<CrashRecorder> recorder() {
        return core.memory.domain() instanceof CrashRecorder recorder ? Optional.of(recorder) : Optional.empty();
    }

    /** Who grants leases from now on. */
    public void leaseDesk(LeaseDesk desk) {
        leaseDesk = desk;
    }

    public DirectAccess directAccess() {
        return direct;
    }

    /** The pool file, for processes that are to map it. */
    public DirectAccess.Pool pool() throws PoolException {
        return new DirectAccess.Pool(file.path(), file.device(), file.inode(), file.sizeBytes());
    }

    @Override
    public void release(OpenFile open) {
        openFiles.decrementAndGet();
        if (!open.direct()) {
            core.cachedOpens.drop(open.ino(), 1);
        }
        letGo(open.ino());
    }

    @Override
    public void read(OpenFile open, long fileOffset, long lengthBytes, ReadSink sink) throws FsException {
        if (fileOffset < 0 || lengthBytes < 0) {
            throw new FsException(Errno.EINVAL, "read", "at " + fileOffset + ", " + lengthBytes + " bytes");
        }
        data.read(open.ino(), fileOffset, lengthBytes, sink);
    }

    @Override
    public long write(Caller caller, OpenFile open, long fileOffset, long sourceAddress, long lengthBytes, int flags)
            throws FsException {
        if (lengthBytes < 0) {
            throw new FsException(Errno.EINVAL, "write", lengthBytes + " bytes");
        }
        return data.write(caller, open.ino(), fileOffset, sourceAddress, lengthBytes, flags);
    }

    /**
     * Metadata is durable with its operation, and so is what was written past the page cache: left are pages that were
     * mapped, or written lazily. An error of their writeback is told once to each handle.
     */
    @Override
    public void fsync(OpenFile open, long start, long end, boolean dataOnly, BooleanSupplier cancelled)
            throws FsException {
        requireJournal("fsync");
        FsException failure = null;
        try {
            core.mappings.sync(open.ino(), start, end, cancelled);
        } catch (FsException e) {
            failure = e;
        }
        Errno told = ((Handle) open).nextError(core.mappings.find(open.ino()));
        if (failure != null) {
            throw failure;
        }
        if (told != null) {
            throw new FsException(told, "fsync", "an earlier writeback of the file failed");
        }
    }

    /** The dirty and reported pages of all files that have any, by inode number. */
    public Map<Long, List<PageRun>> dirtyPages() throws FsException {
        Map<Long, List<PageRun>> files = new TreeMap<>();
        for (Mapping mapping : core.mappings.all()) {
            core.mappings.findStores(mapping.ino());
            List<PageRun> runs = mapping.pageRuns();
            if (!runs.isEmpty()) {
                files.put(mapping.ino(), runs);
            }
        }
        return files;
    }

    public WritebackStatistics writebackStatistics() {
        return core.mappings.statistics();
    }

    /** fsync of a file by its number, with what it did. */
    public SyncReport sync(long ino) throws FsException {
        requireJournal("sync");
        return core.mappings.sync(ino, 0, Units.MAX_FILE_BYTES);
    }

    private void requireJournal(String operation) throws FsException {
        if (core.journal.failure() != null) {
            throw new FsException(Errno.EIO, operation, core.journal.failure());
        }
    }

    @Override
    public void fallocate(Caller caller, OpenFile open, int mode, long fileOffset, long lengthBytes)
            throws FsException {
        if (fileOffset < 0 || lengthBytes <= 0) {
            throw new FsException(Errno.EINVAL, "fallocate", "at " + fileOffset + ", " + lengthBytes + " bytes");
        }
        if (fileOffset > Units.MAX_FILE_BYTES - lengthBytes) {
            throw new FsException(Errno.EFBIG, "fallocate", "files end at 16 TiB");
        }
        long end = fileOffset + lengthBytes;
        boolean keepSize = (mode & FALLOC_KEEP_SIZE) != 0;
        switch (mode & ~FALLOC_KEEP_SIZE) {
            case 0 -> allocation.allocate(caller, open.ino(), fileOffset, end, keepSize);
            case FALLOC_PUNCH_HOLE -> {
                if (!keepSize) {
                    throw new FsException(Errno.EOPNOTSUPP, "fallocate", "punching without keeping the size");
                }
                allocation.punch(caller, open.ino(), fileOffset, end);
            }
            case FALLOC_ZERO_RANGE -> allocation.zeroRange(caller, open.ino(), fileOffset, end, keepSize);
            default -> throw new FsException(Errno.EOPNOTSUPP, "fallocate", "mode 0x" + Integer.toHexString(mode));
        }
    }

    @Override
    public long lseek(OpenFile open, long fileOffset, int whence) throws FsException {
        if (whence != SEEK_DATA && whence != SEEK_HOLE) {
            throw new FsException(Errno.EINVAL, "lseek", "whence " + whence);
        }
        return data.seek(open.ino(), fileOffset, whence == SEEK_DATA);
    }

    @Override
    public long copyFileRange(
            Caller caller, OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long lengthBytes)
            throws FsException {
        if (sourceOffset < 0 || targetOffset < 0 || lengthBytes < 0) {
            throw new FsException(Errno.EINVAL, "copy_file_range", "negative offset or length");
        }
        return data.copy(caller, source.ino(), sourceOffset, target.ino(), targetOffset, lengthBytes);
    }

    @Override
    public void readdir(OpenFile directory, long cookie, boolean withAttributes, DirectoryVisitor visitor)
            throws FsException {
        names.list(directory.ino(), cookie, withAttributes, visitor);
    }

    @Override
    public int getxattr(long ino, Name name, long targetAddress, int capacity) throws FsException {
        return xattrs.get(ino, name, targetAddress, capacity);
    }

    @Override
    public void setxattr(Caller caller, long ino, Name name, long valueAddress, int valueLength, int flags)
            throws FsException {
        xattrs.set(ino, name, valueAddress, valueLength, flags);
    }

    @Override
    public int listxattr(Caller caller, long ino, long targetAddress, int capacity) throws FsException {
        return xattrs.list(caller, ino, targetAddress, capacity);
    }

    @Override
    public void removexattr(Caller caller, long ino, Name name) throws FsException {
        xattrs.remove(ino, name);
    }

    @Override
    public void setFlags(Caller caller, long ino, int flags) throws FsException {
        attributes.setFlags(ino, flags);
    }

    @Override
    public void getExtendedAttributes(long ino, ExtendedAttributes out) throws FsException {
        attributes.getExtended(ino, out);
    }

    @Override
    public void setExtendedAttributes(Caller caller, long ino, ExtendedAttributes change) throws FsException {
        attributes.setExtended(ino, change);
    }

    @Override
    public void statistics(VolumeStatistics out) throws FsException {
        out.totalBlocks = core.geometry.blockCount();
        out.freeBlocks = core.allocator.freeBlocks();
        // Blocks in pockets are free, but only their lanes get them: what is called available can be had by one file.
        long pockets = (long) core.geometry.laneCount() * Transaction.POCKET_BLOCKS;
        out.availableBlocks = Math.max(0, out.freeBlocks - core.allocator.reserveBlocks() - pockets);
        long room = out.availableBlocks * (Geometry.CHUNK_SLOTS - 1);
        out.totalInodes = core.allocator.inodesUsed() + room;
        out.freeInodes = room;
        out.fsid = core.superblock.uuid().getLeastSignificantBits();
    }

    @Override
    public void syncVolume() throws FsException {
        requireJournal("sync");
        core.mappings.syncAll();
    }

    @Override
    public boolean startChange() {
        return core.gate.tryEnter();
    }

    @Override
    public void awaitChange(BooleanSupplier cancelled) throws FsException {
        core.gate.enter(cancelled);
    }

    @Override
    public void endChange() {
        core.gate.exit();
    }

    /**
     * Brings the volume to rest ({@code freeze_super}): when this returns all is durable, and nothing changes in the pool
     * until {@link #thaw}: a copy of it mounts with nothing to recover. Changes wait, and so do stores of processes that have
     * files mapped; reads go on.
     *
     * <p>Crash order: nothing of its own. First no change is under way, then no store; what is dirty then is written back.
     *
     * @throws FsException EBUSY if it is frozen already, or a process's stores can not be held up; EROFS on a volume mounted
     *     for reading; EIO if something can not be made durable. It is not frozen then.
     */
    public void freeze() throws FsException {
        synchronized (unfreed) {
            core.requireWritable("freeze");
            core.gate.close();
            boolean done = false;
            try {
                if (leaseDesk != null) {
                    leaseDesk.freeze();
                }
                requireJournal("freeze");
                core.mappings.syncAllInside();
                core.gate.rest();
                done = true;
            } finally {
                if (!done) {
                    thaw();
                }
            }
        }
    }

    /** Changes go on; false if the volume was not frozen. */
    public boolean thaw() {
        synchronized (unfreed) {
            if (!core.gate.isFrozen()) {
                return false;
            }
            // The gate first: a fault that finds it closed is woken by what follows.
            core.gate.open();
            if (leaseDesk != null) {
                leaseDesk.thaw();
            }
        }
        freeUnfreed();
        return true;
    }

    public boolean isFrozen() {
        return core.gate.isFrozen();
    }

    /**
     * Verifies every checksum while the volume is in use: each structure under the lock that its readers take, and for no
     * longer than some hundred blocks take. Damage is told and otherwise left alone.
     *
     * @throws FsException EBUSY while another is under way; EINTR if the progress or the volume's close ends it; EIO on a
     *     volume whose journal has failed
     */
    public ScrubReport scrub(ScrubProgress progress) throws FsException {
        if (!scrubbing.tryAcquire()) {
            throw new FsException(Errno.EBUSY, "scrub", "another scrub of the volume is under way");
        }
        try {
            requireJournal("scrub");
            ScrubProgress unlessClosed = (done, whole, found) -> !closed && progress.passed(done, whole, found);
            return new Scrub(core, core.checksums.isKept() ? core.checksums::verify : DataVerifier.NONE, unlessClosed)
                    .run();
        } finally {
            scrubbing.release();
        }
    }

    /** The journal takes no more records, so the pool stays as it is until the next mount recovers it. */
    @Override
    public void shutDown(LongConsumer held) {
        LOG.warn("shut down by request: everything gets EIO until the next mount");
        shutDown = true;
        core.journal.fail("shut down by request");
        thaw();
        held.accept(ROOT_INO);
        core.holds.forEach(held);
    }

    @Override
    public boolean isShutDown() {
        return shutDown;
    }

    @Override
    public long trim(long start, long lengthBytes, long minimumBytes) throws FsException {
        core.requireWritable("trim");
        if (start >= core.geometry.sizeBytes() || lengthBytes < Units.BLOCK_BYTES) {
            throw new FsException(Errno.EINVAL, "trim", lengthBytes + " bytes at " + start);
        }
        return core.allocator.trim(start, lengthBytes, minimumBytes);
    }
}
