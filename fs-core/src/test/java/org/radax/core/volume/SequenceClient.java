package org.radax.core.volume;

import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.Random;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.CrashOperation.Effect;

/** A thread's view of a volume: a descriptor of its own, and operations on a few names that both threads use. */
final class SequenceClient implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_APPEND = 02000;
    private static final int PUNCH = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;
    private static final String[] NAMES = {"a", "b", "c"};
    private static final int[] OFFSETS = {0, 100, 4000, 4096, 9000, 12_288, 30_000};
    private static final int[] LENGTHS = {50, 300, 4096, 6000};
    private static final int[] SIZES = {0, 50, 4100, 8192, 20_000};
    private static final int[] FALLOCATIONS = {0, FileSystem.FALLOC_KEEP_SIZE, PUNCH, FileSystem.FALLOC_ZERO_RANGE};
    private static final int[] RENAMES = {0, 0, FileSystem.RENAME_NOREPLACE, FileSystem.RENAME_EXCHANGE};
    private static final int BUFFER_BYTES = 1 << 16;

    /** One of them: what it does is drawn beforehand, so that it can be done again elsewhere. */
    record Operation(String text, int thread, Effect effect, Action action) {
        @Override
        public String toString() {
            return text + " by " + thread;
        }
    }

    /** Fails where the names or descriptors are not what it needs. */
    interface Action {
        void run(SequenceClient client) throws FsException;
    }

    private final Volume volume;
    private final Attributes attributes = new Attributes();
    private final long buffer = RawMemory.allocate(BUFFER_BYTES);
    private OpenFile file;
    private long fileIno;

    /** With /a open, as every other one has it too. */
    SequenceClient(Volume volume, int thread) throws FsException {
        this.volume = volume;
        open("", "a", thread == 0 ? 0 : O_APPEND);
    }

    /** /a and /d/b with data, /c with a hole and unwritten blocks. */
    static void setUp(TestVolume v) throws FsException {
        v.write(v.create(ROOT_INO, "a"), 0, OperationWorkloads.bytes(10_000, 1));
        v.write(v.create(v.mkdir(ROOT_INO, "d"), "b"), 0, OperationWorkloads.bytes(5000, 2));
        long sparse = v.create(ROOT_INO, "c");
        v.write(sparse, 0, OperationWorkloads.bytes(300, 3));
        v.fallocate(sparse, 0, 8192, 8192);
    }

    /** The inode of the descriptor, or 0. */
    long fileIno() {
        return fileIno;
    }

    static Operation draw(Random random, int thread) {
        String where = random.nextInt(3) == 0 ? "d" : "";
        String name = NAMES[random.nextInt(NAMES.length)];
        String whereTo = random.nextInt(3) == 0 ? "d" : "";
        String nameTo = NAMES[random.nextInt(NAMES.length)];
        int offset = OFFSETS[random.nextInt(OFFSETS.length)];
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        int size = SIZES[random.nextInt(SIZES.length)];
        int mode = FALLOCATIONS[random.nextInt(FALLOCATIONS.length)];
        int flags = RENAMES[random.nextInt(RENAMES.length)];
        int seed = random.nextInt();
        String path = where + "/" + name;
        String pathTo = whereTo + "/" + nameTo;
        String range = " [" + offset + ", +" + length + ")";
        int kind = random.nextInt(26);
        Effect effect = kind < 12 ? Effect.WRITES : Effect.ATOMIC;
        return switch (kind) {
            case 0, 1, 2, 3, 4 -> new Operation("write" + range, thread, effect, c -> c.write(offset, length, seed, 0));
            case 5, 6, 7, 8 ->
                new Operation(
                        "store" + range,
                        thread,
                        Effect.STORES,
                        c -> c.write(offset, length, seed, FileSystem.WRITE_CACHE));
            case 9, 10, 11 ->
                new Operation("fallocate " + mode + range, thread, effect, c -> c.fallocate(mode, offset, length));
            case 12, 13 -> new Operation("fsync", thread, Effect.SYNCS, c -> c.fsync(0, Long.MAX_VALUE));
            case 14 -> new Operation("msync" + range, thread, effect, c -> c.fsync(offset, offset + length));
            case 15, 16, 17 ->
                new Operation("open " + path, thread, effect, c -> c.open(where, name, seed % 2 == 0 ? O_APPEND : 0));
            case 18 -> new Operation("truncate " + size, thread, effect, c -> c.truncate(size));
            case 19 -> new Operation("unlink " + path, thread, effect, c -> c.unlink(where, name));
            case 20, 21 ->
                new Operation(
                        "rename " + path + " " + pathTo + " " + flags,
                        thread,
                        effect,
                        c -> c.rename(where, name, whereTo, nameTo, flags));
            case 22 -> new Operation("link " + pathTo, thread, effect, c -> c.link(whereTo, nameTo));
            case 23 -> new Operation("setxattr", thread, effect, c -> c.setxattr(length, seed));
            case 24 -> new Operation("mkdir " + path, thread, effect, c -> c.mkdir(where, name));
            default -> new Operation("rmdir " + path, thread, effect, c -> c.rmdir(where, name));
        };
    }

    private long parent(String directory) throws FsException {
        return directory.isEmpty() ? ROOT_INO : find(ROOT_INO, directory);
    }

    private long find(long parent, String name) throws FsException {
        if (!volume.lookup(parent, Name.of(name), attributes)) {
            throw new FsException(Errno.ENOENT, "find", name);
        }
        volume.forget(attributes.ino, 1);
        return attributes.ino;
    }

    private OpenFile opened() throws FsException {
        if (file == null) {
            throw new FsException(Errno.EBADF, "descriptor", "nothing is open");
        }
        return file;
    }

    private void open(String directory, String name, int flags) throws FsException {
        long parent = parent(directory);
        OpenFile fresh;
        if (volume.lookup(parent, Name.of(name), attributes)) {
            volume.forget(attributes.ino, 1);
            if (!InodeFlags.isRegular(attributes.mode)) {
                throw new FsException(Errno.EISDIR, "open", name);
            }
            fresh = volume.open(TestVolume.ROOT, attributes.ino, O_RDWR | flags, false);
        } else {
            fresh = volume.create(TestVolume.ROOT, parent, Name.of(name), 0644, O_RDWR | flags, attributes);
            volume.forget(attributes.ino, 1);
        }
        fileIno = attributes.ino;
        close(fresh);
    }

    private void close(OpenFile instead) {
        if (file != null) {
            volume.release(file);
        }
        file = instead;
    }

    private void write(long offset, int length, int seed, int flags) throws FsException {
        RawMemory.copyIn(OperationWorkloads.bytes(length, seed), 0, buffer, length);
        volume.write(TestVolume.ROOT, opened(), offset, buffer, length, flags);
    }

    private void fsync(long start, long end) throws FsException {
        volume.fsync(opened(), start, end, false);
    }

    private void fallocate(int mode, long offset, long length) throws FsException {
        volume.fallocate(TestVolume.ROOT, opened(), mode, offset, length);
    }

    private void truncate(long size) throws FsException {
        OpenFile open = opened();
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.SIZE;
        change.sizeBytes = size;
        volume.setattr(TestVolume.ROOT, fileIno, open, change, attributes);
    }

    private void unlink(String directory, String name) throws FsException {
        volume.unlink(TestVolume.ROOT, parent(directory), Name.of(name));
    }

    private void rename(String directory, String name, String directoryTo, String nameTo, int flags)
            throws FsException {
        volume.rename(TestVolume.ROOT, parent(directory), Name.of(name), parent(directoryTo), Name.of(nameTo), flags);
    }

    private void link(String directory, String name) throws FsException {
        opened();
        volume.getattr(fileIno, attributes);
        if (attributes.linkCount == 0) {
            // As the kernel says: only files of O_TMPFILE get a first name.
            throw new FsException(Errno.ENOENT, "link", "no name left");
        }
        volume.link(TestVolume.ROOT, fileIno, parent(directory), Name.of(name), attributes);
        volume.forget(fileIno, 1);
    }

    private void setxattr(int length, int seed) throws FsException {
        opened();
        RawMemory.copyIn(OperationWorkloads.bytes(length, seed), 0, buffer, length);
        volume.setxattr(TestVolume.ROOT, fileIno, Name.of("user.x"), buffer, length, 0);
    }

    private void mkdir(String directory, String name) throws FsException {
        volume.mkdir(TestVolume.ROOT, parent(directory), Name.of(name), 0755, attributes);
        volume.forget(attributes.ino, 1);
    }

    private void rmdir(String directory, String name) throws FsException {
        volume.rmdir(TestVolume.ROOT, parent(directory), Name.of(name));
    }

    @Override
    public void close() {
        close(null);
        RawMemory.free(buffer);
    }
}
