package org.radax.fuse.jnr;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.os.Scarcity;
import org.radax.core.os.Signals;
import org.radax.core.unit.Timestamp;
import org.radax.core.volume.AttributeChange;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.Caller;
import org.radax.core.volume.CopyingSink;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.VolumeStatistics;
import org.radax.fuse.dispatch.Changes;
import org.radax.fuse.dispatch.HandleTable;
import org.radax.fuse.jnr.PathWalk.Found;
import org.radax.fuse.wire.IoctlLayouts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.FuseCallbacks;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Flock;
import ru.serce.jnrfuse.struct.FuseContext;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.FuseOperations;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * libfuse's operations on a volume: paths and handles in, 0, a count or a negative errno out. What is not here, libfuse
 * or the kernel refuses by itself (README, "Through libfuse 2"). With a handle the path is null, since the file may have none.
 */
final class VolumeOperations extends FuseStubFS {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeOperations.class);

    /** struct fuse_conn_info: seven 32-bit words, of which the sixth says what can be had, the seventh what is wanted. */
    private static final int CONNECTION_CAPABLE = 5 * Integer.BYTES;

    private static final int CONNECTION_WANT = 6 * Integer.BYTES;
    private static final int BIG_WRITES = 1 << 5;
    private static final int DONT_MASK = 1 << 6;
    private static final int IOCTL_DIR = 1 << 11;

    /** struct fuse_operations' flags, behind 38 pointers: nullpath_ok, nopath, utime_omit_ok. */
    private static final int OPERATION_FLAGS_OFFSET = 38 * Long.BYTES;

    private static final byte OPERATION_FLAGS = 0b111;

    /** jnr-fuse's fsyncdir lacks an argument. */
    private static final int FSYNCDIR_OFFSET = 28 * Long.BYTES;

    /** In struct fuse_file_info, where jnr-fuse has padding: not zero for what comes from the page cache. */
    private static final int FILE_INFO_WRITEPAGE = 2 * Long.BYTES;

    private static final int FILE_INFO_BITS = FILE_INFO_WRITEPAGE + Integer.BYTES;
    private static final int FLOCK_RELEASE = 1 << 4;

    /** FUSE_IOCTL_DIR. */
    private static final int IOCTL_ON_DIRECTORY = 1 << 4;

    private static final int PERMISSIONS = 07777;
    private static final int O_APPEND = 0x400;
    private static final int UTIME_NOW = (1 << 30) - 1;
    private static final int UTIME_OMIT = (1 << 30) - 2;
    private static final String ACLS = "system.posix_acl_";
    private static final int APPEND_LOCKS = 64;

    private final FileSystem fs;
    private final HiddenFiles hidden = new HiddenFiles();
    private final PathWalk walk;
    private final HandleTable files = new HandleTable();
    private final HandleTable directories = new HandleTable();
    private final FileLocks locks = new FileLocks();
    private final Changes changes;
    private final Ioctls ioctls;
    private final TextOperations texts = new TextOperations(this);
    /** Held here for as long as libfuse may call it. */
    private final FuseCallbacks.FsyncCallback directorySync = this::syncDirectory;

    private final Object[] appendLocks = new Object[APPEND_LOCKS];

    @FunctionalInterface
    private interface Action {
        int run() throws FsException;
    }

    VolumeOperations(FileSystem fs) {
        this.fs = fs;
        this.walk = new PathWalk(fs, hidden);
        this.ioctls = new Ioctls(fs);
        this.changes = new Changes(fs);
        changes.whenWaiting(ServerThread::standIn);
        for (int i = 0; i < APPEND_LOCKS; i++) {
            appendLocks[i] = new Object();
        }
        Pointer operations = Struct.getMemory(fuseOperations);
        texts.putInto(operations);
        operations.putByte(OPERATION_FLAGS_OFFSET, OPERATION_FLAGS);
        operations.putPointer(
                FSYNCDIR_OFFSET,
                Runtime.getSystemRuntime()
                        .getClosureManager()
                        .getClosurePointer(FuseCallbacks.FsyncCallback.class, directorySync));
    }

    /** Its functions can be called as long as this object is there. */
    FuseOperations table() {
        return fuseOperations;
    }

    /** Closes what the kernel left open. Only after the last server thread ended. */
    void releaseAll() {
        files.drain(fs::release);
        directories.drain(fs::release);
    }

    private int answer(String operation, String path, Action action) {
        try {
            if (fs.isShutDown()) {
                return -Errno.EIO.number();
            }
            return action.run();
        } catch (CorruptPoolException e) {
            LOG.error("{} {}: {}", operation, PathWalk.readable(path), e.getMessage());
            return -e.errno().number();
        } catch (FsException e) {
            return -e.errno().number();
        } catch (Throwable t) {
            // Also Errors: InternalError is a bad pool page. None may reach libfuse.
            Scarcity.survive(LOG, "the log", () -> LOG.error("{} {} failed", operation, PathWalk.readable(path), t));
            return -Errno.ofAccident(t).number();
        }
    }

    /** As {@link #answer}, for what changes something: waits while the volume is frozen. */
    private int answerChange(String operation, String path, Action action) {
        return answer(operation, path, () -> {
            int pid = caller().pid();
            changes.begin(() -> Signals.isBeingKilled(pid));
            try {
                return action.run();
            } finally {
                changes.end();
            }
        });
    }

    private Caller caller() {
        FuseContext context = getContext();
        return new Caller().set((int) context.uid.get(), (int) context.gid.get(), (int) context.pid.get(), (int)
                context.umask.get());
    }

    private static OpenFile opened(HandleTable table, FuseFileInfo info) throws FsException {
        OpenFile file = table.get(info.fh.get());
        if (file == null) {
            throw new FsException(Errno.EBADF, "handle", "no open file " + info.fh.get());
        }
        return file;
    }

    @Override
    public Pointer init(Pointer connection) {
        int capable = connection.getInt(CONNECTION_CAPABLE);
        int want = connection.getInt(CONNECTION_WANT);
        connection.putInt(CONNECTION_WANT, want | (capable & (BIG_WRITES | DONT_MASK | IOCTL_DIR)));
        return null;
    }

    @Override
    public int getattr(String path, FileStat stat) {
        return answer("getattr", path, () -> {
            try (Found found = walk.find(path)) {
                Structs.put(found.attributes, stat);
                ServerThread.answerLinks(found.attributes.linkCount);
                return 0;
            }
        });
    }

    @Override
    public int fgetattr(String path, FileStat stat, FuseFileInfo info) {
        return answer("fgetattr", path, () -> {
            Attributes attributes = new Attributes();
            fs.getattr(opened(files, info).ino(), attributes);
            Structs.put(attributes, stat);
            ServerThread.answerLinks(attributes.linkCount);
            return 0;
        });
    }

    @Override
    public int readlink(String path, Pointer buffer, long size) {
        return answer("readlink", path, () -> {
            try (Found link = walk.find(path)) {
                int length = fs.readlink(link.ino(), buffer.address(), (int) size - 1);
                buffer.putByte(length, (byte) 0);
                return 0;
            }
        });
    }

    @Override
    public int mknod(String path, long mode, long device) {
        return answerChange("mknod", path, () -> {
            try (Found parent = walk.parent(path)) {
                Attributes made = new Attributes();
                fs.mknod(caller(), parent.ino(), lastName(path), (int) mode, (int) device, made);
                fs.forget(made.ino, 1);
                return 0;
            }
        });
    }

    @Override
    public int mkdir(String path, long mode) {
        return answerChange("mkdir", path, () -> {
            try (Found parent = walk.parent(path)) {
                Attributes made = new Attributes();
                fs.mkdir(caller(), parent.ino(), lastName(path), (int) mode & PERMISSIONS, made);
                fs.forget(made.ino, 1);
                return 0;
            }
        });
    }

    @Override
    public int symlink(String target, String path) {
        return answerChange("symlink", path, () -> {
            byte[] bytes = PathWalk.bytes(target);
            long memory = RawMemory.allocate(Math.max(bytes.length, 1));
            try (Found parent = walk.parent(path)) {
                RawMemory.copyIn(bytes, 0, memory, bytes.length);
                Attributes made = new Attributes();
                fs.symlink(caller(), parent.ino(), lastName(path), memory, bytes.length, made);
                fs.forget(made.ino, 1);
                return 0;
            } finally {
                RawMemory.free(memory);
            }
        });
    }

    @Override
    public int unlink(String path) {
        return answerChange("unlink", path, () -> {
            if (hidden.remove(PathWalk.lastName(path))) {
                return 0;
            }
            try (Found parent = walk.parent(path)) {
                fs.unlink(caller(), parent.ino(), lastName(path));
                return 0;
            }
        });
    }

    @Override
    public int rmdir(String path) {
        return answerChange("rmdir", path, () -> {
            try (Found parent = walk.parent(path)) {
                fs.rmdir(caller(), parent.ino(), lastName(path));
                return 0;
            }
        });
    }

    @Override
    public int rename(String path, String newPath) {
        return answerChange("rename", path, () -> {
            if (ServerThread.isHiding(PathWalk.lastName(newPath))) {
                return hide(path, PathWalk.lastName(newPath));
            }
            try (Found parent = walk.parent(path);
                    Found newParent = walk.parent(newPath)) {
                fs.rename(caller(), parent.ino(), lastName(path), newParent.ino(), lastName(newPath), 0);
                return 0;
            }
        });
    }

    /** Before a rename over it the name stays, for that to be one step. */
    private int hide(String path, String hiddenName) throws FsException {
        try (Found file = walk.find(path);
                Found parent = walk.parent(path)) {
            if (ServerThread.isUnlinking()) {
                fs.unlink(caller(), parent.ino(), lastName(path));
            }
            hidden.add(hiddenName, file.ino());
            return 0;
        }
    }

    @Override
    public int link(String path, String newPath) {
        return answerChange("link", path, () -> {
            try (Found found = walk.find(path);
                    Found newParent = walk.parent(newPath)) {
                if (found.attributes.linkCount == 0) {
                    // The kernel counts the links of each name by itself.
                    throw new FsException(Errno.ENOENT, "link", "the last name is gone");
                }
                fs.link(caller(), found.ino(), newParent.ino(), lastName(newPath), new Attributes());
                fs.forget(found.ino(), 1);
                return 0;
            }
        });
    }

    @Override
    public int chmod(String path, long mode) {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE;
        change.mode = (int) mode & PERMISSIONS;
        return change("chmod", path, change);
    }

    /** −1 for what is to stay. */
    @Override
    public int chown(String path, long uid, long gid) {
        AttributeChange change = new AttributeChange();
        change.uid = (int) uid;
        change.gid = (int) gid;
        change.valid = (change.uid == -1 ? 0 : AttributeChange.UID) | (change.gid == -1 ? 0 : AttributeChange.GID);
        return change("chown", path, change);
    }

    @Override
    public int truncate(String path, long size) {
        return change("truncate", path, toSize(size));
    }

    @Override
    public int ftruncate(String path, long size, FuseFileInfo info) {
        return answerChange("ftruncate", path, () -> {
            OpenFile file = opened(files, info);
            fs.setattr(caller(), file.ino(), file, toSize(size), new Attributes());
            return 0;
        });
    }

    private static AttributeChange toSize(long size) {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.SIZE;
        change.sizeBytes = size;
        return change;
    }

    @Override
    public int utimens(String path, Timespec[] times) {
        AttributeChange change = new AttributeChange();
        change.valid = validTime(times[0], AttributeChange.ATIME, AttributeChange.ATIME_NOW)
                | validTime(times[1], AttributeChange.MTIME, AttributeChange.MTIME_NOW);
        change.atimeNanos = timestamp(times[0]);
        change.mtimeNanos = timestamp(times[1]);
        return change("utimens", path, change);
    }

    private static int validTime(Timespec time, int bit, int nowBit) {
        return switch (time.tv_nsec.intValue()) {
            case UTIME_OMIT -> 0;
            case UTIME_NOW -> bit | nowBit;
            default -> bit;
        };
    }

    private static long timestamp(Timespec time) {
        return Timestamp.of(time.tv_sec.get(), time.tv_nsec.intValue());
    }

    private int change(String operation, String path, AttributeChange change) {
        return answerChange(operation, path, () -> {
            try (Found found = walk.find(path)) {
                fs.setattr(caller(), found.ino(), null, change, found.attributes);
                return 0;
            }
        });
    }

    @Override
    public int open(String path, FuseFileInfo info) {
        return answer("open", path, () -> {
            try (Found found = walk.find(path)) {
                info.fh.set(files.add(fs.open(caller(), found.ino(), info.flags.get(), false), fs));
                return 0;
            }
        });
    }

    @Override
    public int create(String path, long mode, FuseFileInfo info) {
        return answerChange("create", path, () -> {
            try (Found parent = walk.parent(path)) {
                Attributes made = new Attributes();
                OpenFile file = fs.create(
                        caller(), parent.ino(), lastName(path), (int) mode & PERMISSIONS, info.flags.get(), made);
                fs.forget(made.ino, 1);
                info.fh.set(files.add(file, fs));
                return 0;
            }
        });
    }

    @Override
    public int release(String path, FuseFileInfo info) {
        long handle = info.fh.get();
        OpenFile file = files.get(handle);
        if (file != null) {
            boolean unlocks = (Struct.getMemory(info).getInt(FILE_INFO_BITS) & FLOCK_RELEASE) != 0;
            locks.released(file.ino(), info.lock_owner.get(), handle, unlocks);
        }
        return release(files, info);
    }

    @Override
    public int lock(String path, FuseFileInfo info, int command, Flock lock) {
        return answer("lock", path, () -> {
            OpenFile file = opened(files, info);
            return locks.control(file.ino(), info.lock_owner.get(), info.fh.get(), command, lock);
        });
    }

    @Override
    public int flock(String path, FuseFileInfo info, int operation) {
        return answer("flock", path, () -> {
            long ino = opened(files, info).ino();
            return locks.whole(ino, info.lock_owner.get(), info.fh.get(), operation);
        });
    }

    /** The kernel gives up waiting for the answer to a request. */
    void interrupt(long unique) {
        locks.interrupt(unique);
    }

    /** Lets go of requests that wait: nobody will answer what they wait for. */
    void endWaits() {
        locks.endWaits();
    }

    @Override
    public int ioctl(String path, int command, Pointer argument, FuseFileInfo info, long flags, Pointer data) {
        Action action = () -> {
            HandleTable table = (flags & IOCTL_ON_DIRECTORY) != 0 ? directories : files;
            ioctls.run(caller(), opened(table, info).ino(), command, address(data));
            return 0;
        };
        return IoctlLayouts.isChange(command) ? answerChange("ioctl", path, action) : answer("ioctl", path, action);
    }

    private int release(HandleTable table, FuseFileInfo info) {
        OpenFile file = table.remove(info.fh.get());
        if (file == null) {
            return -Errno.EBADF.number();
        }
        fs.release(file);
        return 0;
    }

    @Override
    public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        return answer("read", path, () -> {
            CopyingSink sink = new CopyingSink(buffer.address());
            fs.read(opened(files, info), offset, size, sink);
            return (int) sink.copiedBytes();
        });
    }

    @Override
    public int write(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        return answerChange("write", path, () -> {
            OpenFile file = opened(files, info);
            if (Struct.getMemory(info).getInt(FILE_INFO_WRITEPAGE) != 0) {
                return (int) fs.write(caller(), file, offset, buffer.address(), size, FileSystem.WRITE_CACHE);
            }
            Caller caller = caller();
            // Without HANDLE_KILLPRIV_V2 the kernel does not say who has CAP_FSETID: root has.
            int flags = caller.uid() == 0 ? 0 : FileSystem.WRITE_KILL_PRIVILEGES;
            if ((info.flags.get() & O_APPEND) == 0) {
                return (int) fs.write(caller, file, offset, buffer.address(), size, flags);
            }
            return append(caller, file, buffer, size, flags);
        });
    }

    /** The kernel knows the end by each name of a file alone. */
    private int append(Caller caller, OpenFile file, Pointer buffer, long size, int flags) throws FsException {
        synchronized (appendLocks[(int) Long.remainderUnsigned(file.ino(), APPEND_LOCKS)]) {
            Attributes attributes = new Attributes();
            fs.getattr(file.ino(), attributes);
            return (int) fs.write(caller, file, attributes.sizeBytes, buffer.address(), size, flags);
        }
    }

    @Override
    public int fsync(String path, int dataOnly, FuseFileInfo info) {
        return sync("fsync", path, dataOnly, files, info);
    }

    private int syncDirectory(String path, int dataOnly, Pointer info) {
        return sync("fsyncdir", path, dataOnly, directories, FuseFileInfo.of(info));
    }

    private int sync(String operation, String path, int dataOnly, HandleTable table, FuseFileInfo info) {
        return answer(operation, path, () -> {
            fs.fsync(opened(table, info), 0, Long.MAX_VALUE, dataOnly != 0);
            return 0;
        });
    }

    @Override
    public int fallocate(String path, int mode, long offset, long length, FuseFileInfo info) {
        return answerChange("fallocate", path, () -> {
            fs.fallocate(caller(), opened(files, info), mode, offset, length);
            return 0;
        });
    }

    @Override
    public int opendir(String path, FuseFileInfo info) {
        return answer("opendir", path, () -> {
            try (Found found = walk.find(path)) {
                info.fh.set(directories.add(fs.opendir(caller(), found.ino()), fs));
                return 0;
            }
        });
    }

    @Override
    public int readdir(String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
        return answer("readdir", path, () -> {
            FileStat stat = new FileStat(Runtime.getSystemRuntime());
            Pointer entry = Struct.getMemory(stat);
            ByteBuffer text = ByteBuffer.allocateDirect(Name.MAX_BYTES + 1);
            fs.readdir(opened(directories, info), offset, false, (cookie, ino, type, name, length, attributes) -> {
                Structs.putEntry(ino, type, stat);
                text.clear().put(name, 0, length).put((byte) 0).flip();
                return filler.apply(buffer, text, entry, cookie) == 0;
            });
            return 0;
        });
    }

    @Override
    public int releasedir(String path, FuseFileInfo info) {
        return release(directories, info);
    }

    @Override
    public int statfs(String path, Statvfs out) {
        return answer("statfs", path, () -> {
            VolumeStatistics statistics = new VolumeStatistics();
            fs.statistics(statistics);
            Structs.put(statistics, out);
            return 0;
        });
    }

    @Override
    public int getxattr(String path, String name, Pointer value, long size) {
        return answer("getxattr", path, () -> {
            try (Found found = walk.find(path)) {
                return fs.getxattr(found.ino(), PathWalk.name(name), address(value), (int) size);
            }
        });
    }

    @Override
    public int listxattr(String path, Pointer list, long size) {
        return answer("listxattr", path, () -> {
            try (Found found = walk.find(path)) {
                return fs.listxattr(caller(), found.ino(), address(list), (int) size);
            }
        });
    }

    /** Null where only the length is asked for. */
    private static long address(Pointer memory) {
        return memory == null ? 0 : memory.address();
    }

    @Override
    public int setxattr(String path, String name, Pointer value, long size, int flags) {
        return answerChange("setxattr", path, () -> {
            refuseAcl(name);
            if (size > FileSystem.MAX_XATTR_BYTES) {
                throw new FsException(Errno.E2BIG, "setxattr", size + " bytes");
            }
            try (Found found = walk.find(path)) {
                fs.setxattr(
                        caller(),
                        found.ino(),
                        PathWalk.name(name),
                        address(value),
                        (int) size,
                        flags & (FileSystem.XATTR_CREATE | FileSystem.XATTR_REPLACE));
                return 0;
            }
        });
    }

    @Override
    public int removexattr(String path, String name) {
        return answerChange("removexattr", path, () -> {
            refuseAcl(name);
            try (Found found = walk.find(path)) {
                fs.removexattr(caller(), found.ino(), PathWalk.name(name));
                return 0;
            }
        });
    }

    /** An ACL that nobody enforces protects nothing: it can be read, not changed. */
    private static void refuseAcl(String name) throws FsException {
        if (name.startsWith(ACLS)) {
            throw new FsException(Errno.EOPNOTSUPP, "ACL", "libfuse 2 does not negotiate them");
        }
    }

    private static Name lastName(String path) throws FsException {
        return PathWalk.name(PathWalk.lastName(path));
    }
}
