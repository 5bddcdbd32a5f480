package org.radax.fuse.dispatch;

import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.OpenFile;
import org.radax.fuse.wire.DirectoryWriter;
import org.radax.fuse.wire.FileLayouts.OpenOut;
import org.radax.fuse.wire.FileLayouts.ReadIn;
import org.radax.fuse.wire.FileLayouts.ReleaseIn;
import org.radax.fuse.wire.OpenFlags;
import org.radax.fuse.wire.Reply;

/** Directories opened and listed. */
final class DirectoryRequests {
    private final Exchange x;
    private final DirectoryWriter writer = new DirectoryWriter();

    DirectoryRequests(Exchange exchange) {
        this.x = exchange;
    }

    void opendir() throws FsException {
        OpenFile directory = x.fs.opendir(x.caller(), x.request.nodeId());
        long handle = x.shared.directories.add(directory, x.fs);
        RawMemory.putLong(x.reply.body() + OpenOut.HANDLE, handle);
        // The kernel drops its copy of a listing when it sends a change of the directory.
        RawMemory.putLong(
                x.reply.body() + OpenOut.OPEN_FLAGS,
                x.shared.policy.direct() ? 0 : OpenFlags.CACHE_DIR | OpenFlags.KEEP_CACHE);
        if (!x.reply.send(OpenOut.SIZE)) {
            takeBack(handle);
        }
    }

    void readdir(boolean plus) throws FsException {
        OpenFile directory = x.directory(ReadIn.HANDLE);
        long cookie = x.fileOffset(ReadIn.OFFSET);
        long wanted = Integer.toUnsignedLong(x.request.getInt(ReadIn.LENGTH));
        int capacity = (int) Math.min(wanted, Reply.BODY_CAPACITY);
        writer.begin(x.reply.body(), capacity, plus, x.shared.policy.validSeconds());
        try {
            x.fs.readdir(directory, cookie, plus, writer);
        } catch (FsException e) {
            // Entries taken so far carry references the kernel must learn of; it comes back for the error.
            if (writer.used() == 0) {
                throw e;
            }
        }
        x.reply.send(writer.used());
    }

    void releasedir() throws FsException {
        long handle = x.request.getLong(ReleaseIn.HANDLE);
        x.directory(ReleaseIn.HANDLE);
        takeBack(handle);
        x.reply.sendEmpty();
    }

    private void takeBack(long handle) {
        OpenFile directory = x.shared.directories.remove(handle);
        if (directory != null) {
            x.fs.release(directory);
        }
    }
}
