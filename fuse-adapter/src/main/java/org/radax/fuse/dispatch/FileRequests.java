package org.radax.fuse.dispatch;

import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.OpenFile;
import org.radax.fuse.wire.AttributeEncoder;
import org.radax.fuse.wire.AttributeLayouts.EntryOut;
import org.radax.fuse.wire.FileLayouts.CopyIn;
import org.radax.fuse.wire.FileLayouts.CreateIn;
import org.radax.fuse.wire.FileLayouts.FallocateIn;
import org.radax.fuse.wire.FileLayouts.FlushIn;
import org.radax.fuse.wire.FileLayouts.FsyncIn;
import org.radax.fuse.wire.FileLayouts.LseekIn;
import org.radax.fuse.wire.FileLayouts.OpenIn;
import org.radax.fuse.wire.FileLayouts.OpenOut;
import org.radax.fuse.wire.FileLayouts.ReadIn;
import org.radax.fuse.wire.FileLayouts.ReleaseIn;
import org.radax.fuse.wire.FileLayouts.WriteIn;
import org.radax.fuse.wire.FileLayouts.WriteOut;
import org.radax.fuse.wire.OpenFlags;

/** Open files: open, read, write, close and the rest. */
final class FileRequests {
    /** The most one READ may ask for: what INIT's max_pages allows. */
    static final int MAX_IO_BYTES = 1 << 20;

    /** Linux's MAX_RW_COUNT: the old COPY_FILE_RANGE answers in 32 bits. */
    private static final long MAX_COPY_BYTES = 0x7ffff000L;

    private static final int O_TRUNC = 01000;

    private final Exchange x;
    private final GatheringSink sink;

    FileRequests(Exchange exchange) {
        this.x = exchange;
        this.sink = new GatheringSink(exchange.reply);
    }

    boolean opensToTruncate() {
        return (x.request.getInt(OpenIn.FLAGS) & O_TRUNC) != 0;
    }

    void open() throws FsException {
        boolean killPrivileges = (x.request.getInt(OpenIn.OPEN_FLAGS) & OpenIn.KILL_PRIVILEGES) != 0;
        OpenFile file = x.fs.open(x.caller(), x.request.nodeId(), x.request.getInt(OpenIn.FLAGS), killPrivileges);
        long handle = putOpenOut(x.reply.body(), file, x.request.getInt(OpenIn.FLAGS));
        if (!x.reply.send(OpenOut.SIZE)) {
            takeBack(handle);
        }
    }

    void create() throws FsException {
        OpenFile file = x.fs.create(
                x.caller(x.request.getInt(CreateIn.UMASK)),
                x.request.nodeId(),
                x.request.name(),
                x.request.getInt(CreateIn.MODE) & NameRequests.PERMISSIONS,
                x.request.getInt(CreateIn.FLAGS),
                x.attributes);
        replyCreated(file, x.request.getInt(CreateIn.FLAGS));
    }

    void tmpfile() throws FsException {
        OpenFile file = x.fs.tmpfile(
                x.caller(x.request.getInt(CreateIn.UMASK)),
                x.request.nodeId(),
                x.request.getInt(CreateIn.MODE) & NameRequests.PERMISSIONS,
                x.request.getInt(CreateIn.FLAGS),
                x.attributes);
        replyCreated(file, x.request.getInt(CreateIn.FLAGS));
    }

    private void replyCreated(OpenFile file, int flags) {
        long ino = x.attributes.ino;
        AttributeEncoder.putEntry(x.reply.body(), x.attributes, x.shared.policy.validSeconds());
        boolean done = false;
        try {
            long handle = putOpenOut(x.reply.body() + EntryOut.SIZE, file, flags);
            done = x.reply.send(EntryOut.SIZE + OpenOut.SIZE);
            if (!done) {
                takeBack(handle);
            }
        } finally {
            if (!done) {
                x.fs.forget(ino, 1);
            }
        }
    }

    private long putOpenOut(long at, OpenFile file, int flags) {
        long handle = x.shared.files.add(file, x.fs);
        boolean direct = x.shared.policy.direct() || file.direct() || isForDirectIo(flags);
        RawMemory.putLong(at + OpenOut.HANDLE, handle);
        // All writes pass through this kernel: what it cached at the last close is still so.
        RawMemory.putLong(
                at + OpenOut.OPEN_FLAGS,
                OpenFlags.PARALLEL_DIRECT_WRITES | OpenFlags.KEEP_CACHE | (direct ? OpenFlags.DIRECT_IO : 0));
        return handle;
    }

    /**
     * The kernel lets a program's direct writes to a file go side by side only while nobody has it open for the page
     * cache, and an open with O_DIRECT counts as such unless it is answered like this (fs/fuse/iomode.c).
     */
    private boolean isForDirectIo(int flags) {
        return x.shared.policy.directMappings() && (flags & OpenFlags.O_DIRECT) != 0;
    }

    private void takeBack(long handle) {
        OpenFile file = x.shared.files.remove(handle);
        if (file != null) {
            x.fs.release(file);
        }
    }

    void read() throws FsException {
        long length = Integer.toUnsignedLong(x.request.getInt(ReadIn.LENGTH));
        if (length > MAX_IO_BYTES) {
            throw Exchange.invalid("read length", length);
        }
        OpenFile file = x.file(ReadIn.HANDLE);
        x.fs.read(file, x.fileOffset(ReadIn.OFFSET), length, sink.begin(length));
    }

    void write() throws FsException {
        long length = Integer.toUnsignedLong(x.request.getInt(WriteIn.LENGTH));
        if (length > x.request.tailLength()) {
            throw Exchange.invalid("write length beyond the message:", length);
        }
        OpenFile file = x.file(WriteIn.HANDLE);
        long offset = x.fileOffset(WriteIn.OFFSET);
        int flags = x.request.getInt(WriteIn.FLAGS);
        int forCore = ((flags & WriteIn.FLAG_CACHE) != 0 ? FileSystem.WRITE_CACHE : 0)
                | ((flags & WriteIn.FLAG_KILL_PRIVILEGES) != 0 ? FileSystem.WRITE_KILL_PRIVILEGES : 0);
        long written = x.fs.write(x.caller(), file, offset, x.request.tailAddress(), length, forCore);
        RawMemory.putLong(x.reply.body() + WriteOut.LENGTH, written);
        x.reply.send(WriteOut.SIZE);
    }

    /** One per close(2) of a descriptor: the process's POSIX locks on the file fall. */
    void flush() throws FsException {
        OpenFile file = x.file(FlushIn.HANDLE);
        x.shared.rangeLocks.releaseOwner(file.ino(), x.request.getLong(FlushIn.LOCK_OWNER));
        x.reply.sendEmpty();
    }

    /** The last close of an open file. */
    void release() throws FsException {
        OpenFile file = x.file(ReleaseIn.HANDLE);
        long handle = x.request.getLong(ReleaseIn.HANDLE);
        if ((x.request.getInt(ReleaseIn.RELEASE_FLAGS) & ReleaseIn.FLOCK_UNLOCK) != 0) {
            x.shared.fileLocks.releaseOwner(file.ino(), x.request.getLong(ReleaseIn.LOCK_OWNER));
        }
        x.shared.rangeLocks.releaseHandle(file.ino(), handle);
        takeBack(handle);
        x.reply.sendEmpty();
    }

    void fsync() throws FsException {
        sync(x.file(FsyncIn.HANDLE));
    }

    void fsyncdir() throws FsException {
        sync(x.directory(FsyncIn.HANDLE));
    }

    private void sync(OpenFile file) throws FsException {
        boolean dataOnly = (x.request.getInt(FsyncIn.FLAGS) & FsyncIn.DATA_ONLY) != 0;
        // The protocol carries no byte range.
        x.fs.fsync(file, 0, Long.MAX_VALUE, dataOnly, x.callerIsBeingKilled);
        x.reply.sendEmpty();
    }

    void fallocate() throws FsException {
        x.fs.fallocate(
                x.caller(),
                x.file(FallocateIn.HANDLE),
                x.request.getInt(FallocateIn.MODE),
                x.fileOffset(FallocateIn.OFFSET),
                x.fileOffset(FallocateIn.LENGTH));
        x.reply.sendEmpty();
    }

    void lseek() throws FsException {
        int whence = x.request.getInt(LseekIn.WHENCE);
        if (whence != FileSystem.SEEK_DATA && whence != FileSystem.SEEK_HOLE) {
            throw Exchange.invalid("whence", whence);
        }
        OpenFile file = x.file(LseekIn.HANDLE);
        long offset = x.request.getLong(LseekIn.OFFSET);
        if (offset < 0) {
            throw new FsException(Errno.ENXIO, "lseek", "offset " + offset);
        }
        RawMemory.putLong(x.reply.body(), x.fs.lseek(file, offset, whence));
        x.reply.send(Long.BYTES);
    }

    /** Both forms: the newer answers in 64 bits, the older in 32 and padding, which are the same 8 bytes. */
    void copyFileRange() throws FsException {
        if (x.request.getLong(CopyIn.FLAGS) != 0) {
            throw Exchange.invalid("copy flags", x.request.getLong(CopyIn.FLAGS));
        }
        OpenFile source = x.file(CopyIn.SOURCE_HANDLE);
        OpenFile target = x.file(CopyIn.TARGET_HANDLE, x.request.getLong(CopyIn.TARGET_NODE_ID));
        long copied = x.fs.copyFileRange(
                x.caller(),
                source,
                x.fileOffset(CopyIn.SOURCE_OFFSET),
                target,
                x.fileOffset(CopyIn.TARGET_OFFSET),
                Math.min(x.fileOffset(CopyIn.LENGTH), MAX_COPY_BYTES));
        RawMemory.putLong(x.reply.body(), copied);
        x.reply.send(Long.BYTES);
    }

    void syncfs() throws FsException {
        x.fs.syncVolume();
        x.reply.sendEmpty();
    }
}
