package org.radax.it.model;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Posix;

/** One seed: the same random operations on a directory and on the model; each answer is compared. */
final class ModelRun implements AutoCloseable {
    private static final int HISTORY = 40;
    private static final int MAX_HANDLES = 6;
    private static final int FALLOC_KEEP_SIZE = 1;
    private static final int FALLOC_PUNCH_HOLE = 2;
    private static final int FALLOC_ZERO_RANGE = 16;
    private static final int EOPNOTSUPP = 95;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final long UTIME_NOW = (1L << 30) - 1;
    private static final long MAX_SECONDS = 15_000_000_000L;
    private static final long PAST_SECONDS = 1_600_000_000L;
    private static final Posix LIBC = Posix.LIBC;

    /** It has no rename flags, O_TMPFILE and SEEK_DATA, and an inode of the kernel's for each name. */
    private static final boolean LIBFUSE = Environment.throughLibfuse();

    @FunctionalInterface
    private interface ModelCall {
        void run() throws ModelException;
    }

    /** An open file. {@code temporary}: O_TMPFILE, and not yet linked. */
    private record Handle(int fd, ModelNode node, boolean temporary) {}

    private final Path root;
    private final Random random;
    private final ModelFileSystem model;
    private final PathChooser paths;
    private final List<Handle> handles = new ArrayList<>();
    private final Deque<String> history = new ArrayDeque<>();
    private final boolean zeroRange;

    /** {@code zeroRange}: whether the filesystem under test has FALLOC_FL_ZERO_RANGE (tmpfs has not). */
    ModelRun(Path root, long seed, boolean zeroRange, ModelFileSystem.Access access) {
        this.root = root;
        this.model = new ModelFileSystem(access);
        this.random = new Random(seed);
        this.paths = new PathChooser(random, model);
        this.zeroRange = zeroRange;
    }

    static boolean hasZeroRange(Path directory) {
        Path probe = directory.resolve("zero-range-probe");
        int fd = LIBC.open(probe.toString(), Posix.O_CREAT | Posix.O_RDWR, 0600);
        boolean has = LIBC.fallocate(fd, FALLOC_ZERO_RANGE, 0, 4096) == 0 || Posix.errno() != EOPNOTSUPP;
        LIBC.close(fd);
        LIBC.unlink(probe.toString());
        return has;
    }

    /** One random operation on both; an AssertionError if they disagree. */
    void step() {
        switch (random.nextInt(26)) {
            case 0, 1, 2 -> create();
            case 3, 4 -> mkdir();
            case 5 -> rmdir();
            case 6, 7 -> unlink();
            case 8, 9, 10 -> rename();
            case 11 -> link();
            case 12 -> symlink();
            case 13, 14 -> writePath();
            case 15 -> truncatePath();
            case 16 -> chmod();
            case 17 -> chown();
            case 18 -> times();
            case 19 -> setAttribute();
            case 20 -> removeAttribute();
            case 21 -> mkfifoOrReadlink();
            case 22 -> openHandle();
            default -> useHandle();
        }
    }

    void compareTree() throws IOException {
        List<String> differences = ModelComparison.compare(root, model);
        if (!differences.isEmpty()) {
            throw failure(String.join("\n", differences));
        }
    }

    @Override
    public void close() {
        closeFiles();
    }

    /** Nothing may be open when the volume is unmounted. */
    void closeFiles() {
        handles.forEach(handle -> LIBC.close(handle.fd()));
        handles.clear();
    }

    private void create() {
        String path = paths.fresh();
        int mode = random.nextInt(010000);
        boolean exclusive = random.nextBoolean();
        boolean truncate = random.nextInt(4) == 0;
        if (isFifo(path)) {
            return;
        }
        int flags = Posix.O_CREAT | Posix.O_RDWR | (exclusive ? Posix.O_EXCL : 0) | (truncate ? Posix.O_TRUNC : 0);
        both(
                "create " + path + " " + Integer.toOctalString(mode) + " " + Integer.toHexString(flags),
                () -> {
                    int fd = LIBC.open(real(path), flags, mode);
                    return fd < 0 ? -1 : LIBC.close(fd);
                },
                () -> model.create(path, mode, exclusive, truncate));
    }

    private void mkdir() {
        String path = paths.fresh();
        int mode = random.nextInt(010000);
        both("mkdir " + path, () -> LIBC.mkdir(real(path), mode), () -> model.mkdir(path, mode));
    }

    private void rmdir() {
        String path = paths.any();
        both("rmdir " + path, () -> LIBC.rmdir(real(path)), () -> model.rmdir(path));
    }

    private void unlink() {
        String path = paths.any();
        both("unlink " + path, () -> LIBC.unlink(real(path)), () -> model.unlink(path));
    }

    private void rename() {
        String from = paths.any();
        String to = random.nextBoolean() ? paths.fresh() : paths.any();
        int flags = !LIBFUSE && random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
        both(
                "rename " + from + " " + to + " " + flags,
                () -> LIBC.renameat2(Posix.AT_FDCWD, real(from), Posix.AT_FDCWD, real(to), flags),
                () -> model.rename(from, to, flags));
    }

    private void link() {
        String from = paths.any();
        String to = paths.fresh();
        both("link " + from + " " + to, () -> LIBC.link(real(from), real(to)), () -> model.link(from, to));
    }

    private void symlink() {
        String target = paths.target();
        String path = paths.fresh();
        both(
                "symlink " + target + " " + path,
                () -> LIBC.symlink(target, real(path)),
                () -> model.symlink(target, path));
    }

    private void mkfifoOrReadlink() {
        if (random.nextBoolean()) {
            String path = paths.fresh();
            both("mkfifo " + path, () -> LIBC.mknod(real(path), 0010644, 0), () -> model.mkfifo(path, 0644));
            return;
        }
        String path = paths.any();
        byte[] buffer = new byte[5000];
        both("readlink " + path, () -> (int) Math.min(0, LIBC.readlink(real(path), buffer, buffer.length)), () -> {
            model.readlink(path);
        });
    }

    private void writePath() {
        String path = paths.any();
        if (isFifo(path)) {
            return;
        }
        boolean append = random.nextBoolean();
        long offset = offset();
        byte[] data = data();
        both(
                "write " + path + (append ? " at the end " : " at " + offset + " ") + data.length,
                () -> {
                    int fd = LIBC.open(real(path), Posix.O_WRONLY | (append ? Posix.O_APPEND : 0), 0);
                    if (fd < 0) {
                        return -1;
                    }
                    long written =
                            append ? LIBC.write(fd, data, data.length) : LIBC.pwrite(fd, data, data.length, offset);
                    LIBC.close(fd);
                    return written == data.length ? 0 : -1;
                },
                () -> {
                    ModelNode node = model.openForWriting(path);
                    model.write(node, append ? node.content.length : offset, data);
                });
    }

    private void truncatePath() {
        String path = paths.any();
        if (isFifo(path)) {
            return;
        }
        long size = offset();
        both("truncate " + path + " " + size, () -> LIBC.truncate(real(path), size), () -> {
            model.truncate(model.openForWriting(path), size);
        });
    }

    private void chmod() {
        String path = paths.any();
        int mode = random.nextInt(010000);
        both(
                "chmod " + path + " " + Integer.toOctalString(mode),
                () -> LIBC.chmod(real(path), mode),
                () -> model.chmod(path, mode));
    }

    private void chown() {
        String path = paths.any();
        int uid = random.nextInt(3) * 1000;
        int gid = random.nextInt(3) * 1000;
        both("chown " + path + " " + uid + ":" + gid, () -> LIBC.lchown(real(path), uid, gid), () -> {
            model.lchown(path, uid, gid);
        });
    }

    private void times() {
        String path = paths.any();
        boolean now = random.nextInt(4) == 0;
        long seconds = (long) (random.nextDouble() * MAX_SECONDS);
        long nanos = random.nextInt(1_000_000_000);
        long[] times = now ? new long[] {0, UTIME_OMIT, 0, UTIME_NOW} : new long[] {seconds, nanos, seconds, nanos};
        long accessed = random.nextInt(2) == 0 ? seconds : (long) (random.nextDouble() * PAST_SECONDS);
        // The model counts in signed 64 bits of nanoseconds, which end in 2262.
        long representable = Math.min(seconds, Long.MAX_VALUE / 1_000_000_000L - 1);
        times[2] = now ? 0 : representable;
        times[0] = now ? 0 : Math.min(accessed, representable);
        both(
                "utimensat " + path + " " + Arrays.toString(times),
                () -> LIBC.utimensat(Posix.AT_FDCWD, real(path), times, Posix.AT_SYMLINK_NOFOLLOW),
                () -> model.setTimes(
                        path,
                        now ? null : times[0] * 1_000_000_000L + nanos,
                        now ? null : representable * 1_000_000_000L + nanos));
    }

    private void setAttribute() {
        String path = paths.any();
        String name = attributeName();
        byte[] value = new byte[random.nextInt(3) == 0 ? random.nextInt(3000) : random.nextInt(40)];
        random.nextBytes(value);
        int flags = random.nextInt(3);
        both(
                "setxattr " + path + " " + name + " " + value.length + " " + flags,
                () -> LIBC.lsetxattr(real(path), name, value, value.length, flags),
                () -> model.setAttribute(path, name, value, flags));
    }

    private void removeAttribute() {
        String path = paths.any();
        String name = attributeName();
        if (random.nextBoolean()) {
            byte[] buffer = new byte[4000];
            both(
                    "getxattr " + path + " " + name,
                    () -> (int) Math.min(0, LIBC.lgetxattr(real(path), name, buffer, buffer.length)),
                    () -> model.getAttribute(path, name));
            return;
        }
        both(
                "removexattr " + path + " " + name,
                () -> LIBC.lremovexattr(real(path), name),
                () -> model.removeAttribute(path, name));
    }

    private String attributeName() {
        return (random.nextInt(3) == 0 ? "trusted." : "user.") + (char) ('a' + random.nextInt(4));
    }

    private void openHandle() {
        if (handles.size() == MAX_HANDLES) {
            Handle oldest = handles.remove(random.nextInt(handles.size()));
            LIBC.close(oldest.fd());
        }
        boolean temporary = !LIBFUSE && random.nextInt(3) == 0;
        String path = temporary ? paths.directory() : paths.existing();
        if (isFifo(path)) {
            return;
        }
        int[] fd = {-1};
        ModelNode[] node = {null};
        both(
                (temporary ? "open a temporary file in " : "open ") + path,
                () -> {
                    fd[0] = LIBC.open(real(path), temporary ? Posix.O_TMPFILE | Posix.O_RDWR : Posix.O_RDWR, 0640);
                    return Math.min(0, fd[0]);
                },
                () -> node[0] = temporary ? model.temporary(path, 0640) : model.openForWriting(path));
        if (fd[0] >= 0) {
            handles.add(new Handle(fd[0], node[0], temporary));
        }
    }

    private void useHandle() {
        if (handles.isEmpty()) {
            return;
        }
        Handle handle = handles.get(random.nextInt(handles.size()));
        if (handle.node().type != ModelNode.Type.FILE) {
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> writeHandle(handle);
            case 2 -> readHandle(handle);
            case 3 -> truncateHandle(handle);
            case 4 -> fallocate(handle);
            case 5 -> linkHandle(handle);
            case 6, 7 -> copyRange(handle, handles.get(random.nextInt(handles.size())));
            case 8 -> {
                if (!LIBFUSE) {
                    seek(handle);
                }
            }
            default -> both("fsync", () -> LIBC.fsync(handle.fd()), () -> {});
        }
    }

    private void writeHandle(Handle handle) {
        long offset = offset();
        byte[] data = data();
        both(
                "pwrite fd " + handle.fd() + " at " + offset + " " + data.length,
                () -> LIBC.pwrite(handle.fd(), data, data.length, offset) == data.length ? 0 : -1,
                () -> model.write(handle.node(), offset, data));
    }

    private void readHandle(Handle handle) {
        long offset = offset();
        byte[] buffer = new byte[1 + random.nextInt(50_000)];
        long start = now();
        long got = LIBC.pread(handle.fd(), buffer, buffer.length, offset);
        if (got >= 0) {
            model.read(handle.node(), got == 0, start);
            model.finish(start, now());
        }
        byte[] content = handle.node().content;
        int expected = (int) Math.max(0, Math.min(buffer.length, content.length - offset));
        remember("pread fd " + handle.fd() + " at " + offset + " " + buffer.length);
        if (got != expected
                || !Arrays.equals(
                        buffer,
                        0,
                        expected,
                        content,
                        (int) Math.min(offset, content.length),
                        (int) Math.min(offset, content.length) + expected)) {
            throw failure("pread gives " + got + " bytes, expected " + expected + ", or others");
        }
    }

    private void copyRange(Handle source, Handle target) {
        if (target.node().type != ModelNode.Type.FILE) {
            return;
        }
        if (LIBFUSE && source.fd() != target.fd() && source.node() == target.node()) {
            // Perhaps by two names: the kernel would not see that the ranges overlap.
            return;
        }
        if (LIBFUSE && !forgetPages(source)) {
            return;
        }
        long[] from = {offset()};
        long[] to = {offset()};
        long fromStart = from[0];
        long toStart = to[0];
        long length = random.nextInt(60_000);
        long[] copied = {0};
        both(
                "copy_file_range fd " + source.fd() + " at " + fromStart + " to fd " + target.fd() + " at " + toStart
                        + " " + length,
                () -> {
                    copied[0] = LIBC.copy_file_range(source.fd(), from, target.fd(), to, length, 0);
                    return (int) Math.min(0, copied[0]);
                },
                () -> model.copyRange(source.node(), fromStart, target.node(), toStart, length, copied[0]));
    }

    /** The kernel copies out of its page cache, of which it has one for each name; false if there is no name left. */
    private static boolean forgetPages(Handle handle) {
        int again = LIBC.open("/proc/self/fd/" + handle.fd(), Posix.O_RDONLY, 0);
        return again >= 0 && LIBC.close(again) == 0;
    }

    private void seek(Handle handle) {
        long offset = offset();
        boolean data = random.nextBoolean();
        long[] found = {0};
        both(
                "lseek fd " + handle.fd() + " from " + offset + (data ? " to data" : " to a hole"),
                () -> {
                    found[0] = LIBC.lseek(handle.fd(), offset, data ? Posix.SEEK_DATA : Posix.SEEK_HOLE);
                    return (int) Math.min(0, found[0]);
                },
                () -> model.seek(handle.node(), offset, data, found[0]));
    }

    private void truncateHandle(Handle handle) {
        long size = offset();
        both(
                "ftruncate fd " + handle.fd() + " " + size,
                () -> LIBC.ftruncate(handle.fd(), size),
                () -> model.truncate(handle.node(), size));
    }

    private void fallocate(Handle handle) {
        long start = offset();
        long length = 1L + random.nextInt(60_000);
        boolean keepSize = random.nextBoolean();
        boolean punch = random.nextBoolean();
        boolean zero = !punch && zeroRange && random.nextBoolean();
        int mode = punch
                ? FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE
                : (zero ? FALLOC_ZERO_RANGE : 0) | (keepSize ? FALLOC_KEEP_SIZE : 0);
        both(
                "fallocate fd " + handle.fd() + " mode " + mode + " at " + start + " " + length,
                () -> LIBC.fallocate(handle.fd(), mode, start, length),
                () -> model.fallocate(handle.node(), punch || keepSize, punch || zero, start, start + length));
    }

    private void linkHandle(Handle handle) {
        String to = paths.fresh();
        String from = "/proc/self/fd/" + handle.fd();
        boolean linked = both(
                "link fd " + handle.fd() + " " + to,
                () -> LIBC.linkat(Posix.AT_FDCWD, from, Posix.AT_FDCWD, real(to), Posix.AT_SYMLINK_FOLLOW),
                () -> model.linkNode(handle.node(), handle.temporary(), to));
        if (linked && handle.temporary()) {
            handles.set(handles.indexOf(handle), new Handle(handle.fd(), handle.node(), false));
        }
    }

    /** Runs one operation on both sides; returns whether it succeeded. */
    private boolean both(String what, IntSupplier real, ModelCall expected) {
        remember(what);
        long start = now();
        int actual = real.getAsInt() < 0 ? Posix.errno() : 0;
        long end = now();
        int errno = 0;
        try {
            expected.run();
        } catch (ModelException e) {
            errno = e.errno();
        }
        model.finish(start, end);
        if (actual != errno) {
            throw failure(what + ": errno " + actual + ", expected " + errno);
        }
        return errno == 0;
    }

    /** Opening one would wait for the other end. */
    private boolean isFifo(String path) {
        try {
            return model.openForReading(path).type == ModelNode.Type.FIFO;
        } catch (ModelException e) {
            return false;
        }
    }

    private long offset() {
        return random.nextInt(10) == 0 ? random.nextInt(1 << 20) : random.nextInt(50_000);
    }

    private byte[] data() {
        byte[] data = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 40_000 : 500)];
        random.nextBytes(data);
        return data;
    }

    private String real(String path) {
        return path.isEmpty() ? root.toString() : root + "/" + path;
    }

    static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private void remember(String what) {
        if (history.size() == HISTORY) {
            history.removeFirst();
        }
        history.addLast(what);
    }

    private AssertionError failure(String what) {
        String all = what + "\nafter\n  " + String.join("\n  ", history);
        return new AssertionError(all.replace("L".repeat(255), "L*255").replace("N".repeat(256), "N*256"));
    }
}
