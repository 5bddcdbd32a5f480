package org.radax.it;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.PowerCutOracle.Promises;
import org.radax.core.xattr.AclText;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/**
 * Something done through the kernel, in a directory of its own.
 *
 * @param prepare what is there before
 * @param undo so that the directory can be deleted
 */
record MountedOperation(String name, Mount mount, Promises promises, Work prepare, Work action, Work undo) {
    private static final int PAGE = 4096;

    /** The first is the chunk's header. */
    private static final int CHUNK_SLOTS = 16;

    /** Of a tree, deeper than a record's room: more pieces than one transaction frees. */
    private static final int MANY = 500;

    private static final int EXCHANGE = 2;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH = 3;
    private static final int ZERO = 0x10;
    private static final long SET_FLAGS = 0x40086602L;
    private static final int NODUMP = 0x40;

    /** The mounts that it takes. */
    enum Mount {
        LAZY("--lazy-writeback"),
        CHECKSUMS(""),
        ATOMIC("--data=atomic"),
        DAX("--dax=always");

        private final String option;

        Mount(String option) {
            this.option = option;
        }

        Volume make() throws Exception {
            return switch (this) {
                case CHECKSUMS -> Volume.mountedWithDataChecksums("16M", "--domain=recorder");
                case ATOMIC -> Volume.mountedWithDataChecksums("16M", "--domain=recorder", option);
                default -> Volume.mounted("16M", "--domain=recorder", option);
            };
        }
    }

    interface Work {
        void run(Volume volume, Path directory) throws Exception;
    }

    static List<MountedOperation> all() {
        List<MountedOperation> all = new ArrayList<>();
        names(all);
        attributes(all);
        data(all, Mount.LAZY, Promises.TORN);
        mapped(all, Mount.LAZY);
        volume(all);
        data(all, Mount.CHECKSUMS, Promises.TORN);
        mapped(all, Mount.CHECKSUMS);
        data(all, Mount.ATOMIC, Promises.WHOLE);
        dax(all);
        return all;
    }

    private static void add(
            List<MountedOperation> all, String name, Mount mount, Promises promises, Work prepare, Work action) {
        String told =
                mount == Mount.LAZY ? name : name + ", " + mount.toString().toLowerCase(java.util.Locale.ROOT);
        all.add(new MountedOperation(told, mount, promises, prepare, action, (v, d) -> {}));
    }

    private static void whole(List<MountedOperation> all, String name, Work prepare, Work action) {
        add(all, name, Mount.LAZY, Promises.WHOLE, prepare, action);
    }

    private static void names(List<MountedOperation> all) {
        Work nothing = (v, d) -> {};
        Work file = (v, d) -> write(d.resolve("file"), 0, 10_000, 1);
        Work two = (v, d) -> {
            write(d.resolve("file"), 0, 10_000, 1);
            write(d.resolve("other"), 0, 300, 2);
        };
        whole(all, "create", nothing, (v, d) -> Files.createFile(d.resolve("new")));
        add(all, "create many", Mount.LAZY, Promises.PARTS, nothing, (v, d) -> {
            for (int i = 0; i < 40; i++) {
                Files.createFile(d.resolve("name" + "x".repeat(200) + i));
            }
        });
        whole(all, "mkdir", nothing, (v, d) -> Files.createDirectory(d.resolve("new")));
        whole(all, "symlink", nothing, (v, d) -> Files.createSymbolicLink(d.resolve("new"), Path.of("some/where")));
        whole(all, "mknod", nothing, (v, d) -> ok(Posix.LIBC.mknod(d + "/new", 0010644, 0)));
        whole(all, "link", file, (v, d) -> Files.createLink(d.resolve("new"), d.resolve("file")));
        whole(all, "unlink", file, (v, d) -> Files.delete(d.resolve("file")));
        whole(
                all,
                "rmdir",
                (v, d) -> Files.createDirectory(d.resolve("sub")),
                (v, d) -> Files.delete(d.resolve("sub")));
        whole(all, "rename", file, (v, d) -> ok(rename(d, 0)));
        whole(all, "rename over file", two, (v, d) -> ok(rename(d, 0)));
        whole(all, "rename exchange", two, (v, d) -> ok(rename(d, EXCHANGE)));
        add(all, "unlink of an open file", Mount.LAZY, Promises.PARTS, file, (v, d) -> {
            int fd = open(d.resolve("file"));
            Files.delete(d.resolve("file"));
            ok(Posix.LIBC.close(fd));
        });
    }

    /** One that was made for it, since no other had room: only then all of its slots are taken in their order. */
    private static void fillChunk(Volume volume, Path directory) throws Exception {
        Path filler = Files.createDirectory(volume.directory().resolve("filler of " + directory.getFileName()));
        long next = 0;
        for (int i = 0; ; i++) {
            long ino = (long) Files.getAttribute(Files.createFile(filler.resolve("file" + i)), "unix:ino");
            boolean inOrder = ino == next || ino % CHUNK_SLOTS == 1;
            if (inOrder && ino % CHUNK_SLOTS == CHUNK_SLOTS - 1) {
                return;
            }
            next = inOrder ? ino + 1 : 0;
        }
    }

    private static int rename(Path directory, int flags) {
        return Posix.LIBC.renameat2(Posix.AT_FDCWD, directory + "/file", Posix.AT_FDCWD, directory + "/other", flags);
    }

    private static void attributes(List<MountedOperation> all) {
        Work file = (v, d) -> write(d.resolve("file"), 0, 10_000, 1);
        whole(all, "chmod", file, (v, d) -> ok(Posix.LIBC.chmod(d + "/file", 0600)));
        whole(all, "chown", file, (v, d) -> ok(Posix.LIBC.lchown(d + "/file", 7, 8)));
        whole(
                all,
                "utimens",
                file,
                (v, d) -> ok(Posix.LIBC.utimensat(Posix.AT_FDCWD, d + "/file", new long[] {1, 1, 2, 2}, 0)));
        whole(all, "setxattr", file, (v, d) -> ok(setxattr(d, "user.a", bytes(20, 5))));
        whole(all, "setxattr large", file, (v, d) -> ok(setxattr(d, "user.large", bytes(9000, 6))));
        whole(
                all,
                "removexattr",
                (v, d) -> {
                    write(d.resolve("file"), 0, 100, 1);
                    ok(setxattr(d, "user.large", bytes(9000, 6)));
                },
                (v, d) -> ok(Posix.LIBC.lremovexattr(d + "/file", "user.large")));
        whole(
                all,
                "set ACL",
                file,
                (v, d) -> ok(
                        setxattr(d, "system.posix_acl_access", AclText.wire("u::rwx,u:7:rwx,g::r--,m::rwx,o::---"))));
        whole(all, "set flags", file, (v, d) -> {
            int fd = open(d.resolve("file"));
            ok(Posix.LIBC.ioctl(fd, SET_FLAGS, new int[] {NODUMP}));
            ok(Posix.LIBC.close(fd));
        });
        whole(all, "list", file, (v, d) -> FileTrees.describe(d));
        add(
                all,
                "truncate of a setuid file",
                Mount.LAZY,
                Promises.PARTS,
                (v, d) -> {
                    write(d.resolve("file"), 0, 10_000, 1);
                    ok(Posix.LIBC.lchown(d + "/file", 1001, 1001));
                    ok(Posix.LIBC.chmod(d + "/file", 06777));
                },
                (v, d) -> Run.in(d, "setpriv", "--reuid=1002", "--clear-groups", "truncate", "-s", "10000", "file")
                        .ok());
    }

    private static int setxattr(Path directory, String name, byte[] value) {
        return Posix.LIBC.lsetxattr(directory + "/file", name, value, value.length, 0);
    }

    /**
     * Where pages are not cached, no write is of more than one: the kernel ends a request behind a page that it has a part of.
     *
     * @param overwriting what a power cut may leave of an overwrite
     */
    private static void data(List<MountedOperation> all, Mount mount, Promises overwriting) {
        Work file = (v, d) -> {
            // Blocks that had something else before.
            write(d.resolve("older"), 0, 60 * PAGE, 9);
            Files.delete(d.resolve("older"));
            write(d.resolve("file"), 0, 10_000, 1);
        };
        Work sparse = (v, d) -> {
            file.run(v, d);
            ok(fallocate(d, 0, 40_960, 16_384));
            write(d.resolve("file"), 100_000, 100, 4);
        };
        add(all, "overwrite", mount, overwriting, file, (v, d) -> write(d.resolve("file"), 100, 200, 10));
        add(
                all,
                "overwrite across blocks",
                mount,
                overwriting,
                file,
                (v, d) -> write(d.resolve("file"), 4000, 300, 11));
        add(all, "append in block", mount, Promises.WHOLE, file, (v, d) -> write(d.resolve("file"), 10_000, 50, 12));
        add(all, "append a block", mount, Promises.WHOLE, file, (v, d) -> write(d.resolve("file"), 3 * PAGE, PAGE, 13));
        add(all, "fill a hole", mount, Promises.WHOLE, sparse, (v, d) -> write(d.resolve("file"), 20_500, 3000, 15));
        add(
                all,
                "write into unwritten",
                mount,
                Promises.WHOLE,
                sparse,
                (v, d) -> write(d.resolve("file"), 45_100, 100, 16));
        add(all, "truncate down", mount, Promises.WHOLE, file, (v, d) -> ok(Posix.LIBC.truncate(d + "/file", 4100)));
        add(all, "truncate up", mount, Promises.WHOLE, file, (v, d) -> ok(Posix.LIBC.truncate(d + "/file", 50_000)));
        add(all, "allocate", mount, Promises.WHOLE, file, (v, d) -> ok(fallocate(d, KEEP_SIZE, 8192, 20_000)));
        add(all, "punch whole blocks", mount, Promises.WHOLE, file, (v, d) -> ok(fallocate(d, PUNCH, 4096, 4096)));
        add(all, "punch with edges", mount, Promises.TORN, file, (v, d) -> ok(fallocate(d, PUNCH, 4000, 4500)));
        add(all, "zero range", mount, Promises.TORN, sparse, (v, d) -> ok(fallocate(d, ZERO, 4000, 45_056)));
        add(
                all,
                "write of an eighth piece",
                mount,
                Promises.WHOLE,
                (v, d) -> pieces(d, 7),
                (v, d) -> write(d.resolve("file"), 14 * PAGE, PAGE, 3));
        add(
                all,
                "truncate of many pieces",
                mount,
                Promises.PARTS,
                (v, d) -> pieces(d, MANY),
                (v, d) -> ok(Posix.LIBC.truncate(d + "/file", 100)));
    }

    private static void pieces(Path directory, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            write(directory.resolve("file"), 2L * i * PAGE, PAGE, i);
        }
    }

    private static int fallocate(Path directory, int mode, long offset, long length) {
        int fd = open(directory.resolve("file"));
        int result = Posix.LIBC.fallocate(fd, mode, offset, length);
        ok(Posix.LIBC.close(fd));
        return result;
    }

    private static void mapped(List<MountedOperation> all, Mount mount) {
        Work file = (v, d) -> write(d.resolve("file"), 0, 10 * PAGE, 1);
        add(all, "mapped store and msync", mount, Promises.TORN, file, (v, d) -> store(d.resolve("file"), true));
        add(all, "mapped store and fsync", mount, Promises.TORN, file, (v, d) -> {
            store(d.resolve("file"), false);
            int fd = open(d.resolve("file"));
            ok(Posix.LIBC.fsync(fd));
            ok(Posix.LIBC.close(fd));
        });
        add(all, "mapped store and freeze", mount, Promises.TORN, file, (v, d) -> {
            store(d.resolve("file"), false);
            Volume.radax("freeze", v.directory().toString()).ok();
            Volume.radax("thaw", v.directory().toString()).ok();
        });
    }

    /** Through the page cache. */
    private static void store(Path file, boolean sync) {
        int fd = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        long length = 10L * PAGE;
        long base = LibC.INSTANCE.mmap(0, length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        for (int page = 0; page < 10; page += 3) {
            RawMemory.putLong(base + (long) page * PAGE + 8, 42);
        }
        if (sync) {
            ok(LibC.INSTANCE.msync(base, length, LibC.MS_SYNC));
        }
        LibC.INSTANCE.munmap(base, length);
        LibC.INSTANCE.close(fd);
    }

    private static void volume(List<MountedOperation> all) {
        Work file = (v, d) -> write(d.resolve("file"), 0, 10_000, 1);
        whole(all, "create in a new chunk", MountedOperation::fillChunk, (v, d) -> Files.createFile(d.resolve("new")));
        all.add(new MountedOperation(
                "remount read-only",
                Mount.LAZY,
                Promises.CLEAN,
                file,
                (v, d) -> remount(v, "ro"),
                (v, d) -> remount(v, "rw")));
        all.add(new MountedOperation(
                "remount, and create",
                Mount.LAZY,
                Promises.WHOLE,
                (v, d) -> remount(v, "ro"),
                (v, d) -> {
                    remount(v, "rw");
                    Files.createFile(d.resolve("new"));
                },
                (v, d) -> {}));
    }

    private static void remount(Volume volume, String how) throws Exception {
        Volume.radax("mount", "-o", "remount," + how, volume.directory().toString())
                .ok();
    }

    private static void dax(List<MountedOperation> all) {
        Work file = (v, d) -> write(d.resolve("file"), 0, 10 * PAGE, 1);
        Work hole = (v, d) -> {
            Files.createFile(d.resolve("file"));
            ok(Posix.LIBC.truncate(d + "/file", 10L * PAGE));
        };
        add(all, "process stores and forces", Mount.DAX, Promises.PARTS, file, (v, d) -> force(d.resolve("file")));
        add(all, "process stores into holes", Mount.DAX, Promises.PARTS, hole, (v, d) -> force(d.resolve("file")));
    }

    private static void force(Path file) throws Exception {
        try (DaxFile dax = DaxFile.openForWriting(file);
                DaxMapping mapping = dax.map(0, 10L * PAGE)) {
            ByteBuffer buffer = mapping.buffer(0, 10 * PAGE);
            for (int page = 1; page < 10; page += 3) {
                buffer.putLong(page * PAGE + 8, 1000L + page);
            }
            mapping.force();
        }
    }

    private static void write(Path file, long offset, int length, int seed) {
        int fd = Posix.LIBC.open(file.toString(), Posix.O_RDWR | Posix.O_CREAT, 0644);
        ok(fd);
        byte[] bytes = bytes(length, seed);
        if (Posix.LIBC.pwrite(fd, bytes, length, offset) != length) {
            throw new AssertionError("pwrite: errno " + Posix.errno());
        }
        ok(Posix.LIBC.close(fd));
    }

    private static int open(Path file) {
        int fd = Posix.LIBC.open(file.toString(), Posix.O_RDWR, 0);
        ok(fd);
        return fd;
    }

    private static void ok(int result) {
        if (result < 0) {
            throw new AssertionError("errno " + Posix.errno());
        }
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
