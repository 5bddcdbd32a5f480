package org.radax.core.volume;

import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.radax.core.crash.CrashOptions;
import org.radax.core.error.FsException;
import org.radax.core.volume.CrashOperation.Effect;
import org.radax.core.xattr.AclText;

/** One workload per operation: the operation, then two small ones that would trip over what it left. */
final class OperationWorkloads {
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    private static final String NAMED = "u::rwx,u:7:rwx,g::r--,g:8:r-x,m::rwx,o::---";
    private static final Caller STRANGER = new Caller().set(1001, 1001, 1, 0);

    /** One pool for all of them. */
    static final PreparedPool POOL = new PreparedPool(OperationWorkloads::setUp);

    /** What is stored through a mapping stays dirty until a sync. */
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);

    private static final CrashOperation AFTERMATH_1 =
            new CrashOperation("create", Effect.ATOMIC, null, v -> v.create(ROOT_INO, "after"));
    private static final CrashOperation AFTERMATH_2 =
            new CrashOperation("unlink", Effect.ATOMIC, null, v -> v.unlink(ROOT_INO, "after"));

    private final List<CrashOperation> all = new ArrayList<>();

    private OperationWorkloads() {
        names();
        data();
        attributes();
        acls();
        privileges();
    }

    /** Each operation alone. */
    static List<CrashWorkload> all(CrashOptions options) {
        return all(options, POOL);
    }

    /** {@code pool}: this one's, or one of the same contents. */
    static List<CrashWorkload> all(CrashOptions options, PreparedPool pool) {
        OperationWorkloads made = new OperationWorkloads();
        made.severalWrites();
        return made.all.stream()
                .map(operation -> new CrashWorkload(
                        pool.prefix() + operation.name(),
                        pool,
                        PreparedPool.OPTIONS,
                        options,
                        List.of(operation, AFTERMATH_1, AFTERMATH_2)))
                .toList();
    }

    /** Each store through a mapping, and each sync, alone. */
    static List<CrashWorkload> mapped(CrashOptions options) {
        OperationWorkloads made = new OperationWorkloads();
        made.all.clear();
        made.mapped();
        return made.all.stream()
                .map(operation -> new CrashWorkload(operation.name(), POOL, LAZY, options, List.of(operation)))
                .toList();
    }

    /** Each operation after each, with those among them that store through a mapping and sync. */
    static List<CrashWorkload> pairs(CrashOptions options) {
        return pairs(options, POOL);
    }

    /** {@code pool}: this one's, or one of the same contents. */
    static List<CrashWorkload> pairs(CrashOptions options, PreparedPool pool) {
        OperationWorkloads made = new OperationWorkloads();
        made.mapped();
        List<CrashWorkload> pairs = new ArrayList<>();
        for (CrashOperation first : made.all) {
            for (CrashOperation second : made.all) {
                pairs.add(new CrashWorkload(
                        pool.prefix() + first.name() + " > " + second.name(),
                        pool,
                        LAZY,
                        options,
                        List.of(first, second)));
            }
        }
        return pairs;
    }

    private void add(String name, CrashWorkload.Step step) {
        add(name, Effect.ATOMIC, null, step);
    }

    private void add(String name, Effect effect, CrashOperation.File file, CrashWorkload.Step step) {
        all.add(new CrashOperation(name, effect, file, step));
    }

    /** /dir/file (10,000 bytes), /dir/other (also /second), /dir/sub, /empty, /full/1..40, /sparse with data, hole and unwritten. */
    static void setUp(TestVolume v) throws FsException {
        long dir = v.mkdir(ROOT_INO, "dir");
        v.write(v.create(dir, "file"), 0, bytes(10_000, 1));
        long other = v.create(dir, "other");
        v.write(other, 0, bytes(300, 2));
        v.link(other, ROOT_INO, "second");
        v.mkdir(dir, "sub");
        v.mkdir(ROOT_INO, "empty");
        long full = v.mkdir(ROOT_INO, "full");
        for (int i = 0; i < 14; i++) {
            v.create(full, "a-name-of-some-length-so-that-a-bucket-fills-" + "x".repeat(200) + i);
        }
        long sparse = v.create(ROOT_INO, "sparse");
        v.write(sparse, 0, bytes(5000, 3));
        v.fallocate(sparse, 0, 40_960, 16_384);
        v.write(sparse, 100_000, bytes(100, 4));
        v.setxattr(sparse, "user.small", bytes(10, 5));
        v.setxattr(sparse, "user.large", bytes(9000, 6));
        setUpRights(v);
    }

    /** /heritage with a default ACL, child in it; /capable, setuid. */
    private static void setUpRights(TestVolume v) throws FsException {
        long heritage = v.mkdir(ROOT_INO, "heritage");
        v.setxattr(heritage, DEFAULT, AclText.wire(NAMED));
        v.create(heritage, "child");
        long capable = v.create(ROOT_INO, "capable");
        v.write(capable, 0, bytes(4000, 7));
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE;
        change.mode = 06755;
        v.volume.setattr(TestVolume.ROOT, capable, null, change, new Attributes());
        v.setxattr(capable, "security.capability", bytes(20, 8));
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            bytes[i] |= 1;
        }
        return bytes;
    }

    private static long dir(TestVolume v) throws FsException {
        return v.lookup(ROOT_INO, "dir");
    }

    private static long file(TestVolume v) throws FsException {
        return v.lookup(dir(v), "file");
    }

    private static long other(TestVolume v) throws FsException {
        return v.lookup(dir(v), "other");
    }

    private static long sparse(TestVolume v) throws FsException {
        return v.lookup(ROOT_INO, "sparse");
    }

    private static long heritage(TestVolume v) throws FsException {
        return v.lookup(ROOT_INO, "heritage");
    }

    private static long acled(TestVolume v) throws FsException {
        return v.lookup(heritage(v), "child");
    }

    private static long capable(TestVolume v) throws FsException {
        return v.lookup(ROOT_INO, "capable");
    }

    private void names() {
        add("create", v -> v.create(dir(v), "new"));
        add("create, bucket splits", v -> v.create(v.lookup(ROOT_INO, "full"), "y".repeat(250)));
        add("create, first in directory", v -> v.create(v.lookup(ROOT_INO, "empty"), "first"));
        add("link", v -> v.link(file(v), ROOT_INO, "link"));
        add("unlink", v -> v.unlink(dir(v), "file"));
        add("unlink one of two names", v -> v.unlink(ROOT_INO, "second"));
        add("unlink with attributes", v -> v.unlink(ROOT_INO, "sparse"));
        add("mkdir", v -> v.mkdir(dir(v), "new"));
        add("rmdir", v -> v.rmdir(dir(v), "sub"));
        add("symlink", v -> v.symlink(dir(v), "sym", "to/somewhere/else"));
        add("mknod", v -> v.volume.mknod(TestVolume.ROOT, dir(v), Name.of("node"), 0020644, 0x105, new Attributes()));
        add("rename in directory", v -> v.rename(dir(v), "file", dir(v), "renamed", 0));
        add("rename to other directory", v -> v.rename(dir(v), "file", ROOT_INO, "moved", 0));
        add("rename over file", v -> v.rename(dir(v), "file", dir(v), "other", 0));
        add("rename directory", v -> v.rename(dir(v), "sub", ROOT_INO, "sub", 0));
        add("rename directory over empty", v -> v.rename(dir(v), "sub", ROOT_INO, "empty", 0));
        add("rename noreplace", v -> v.rename(dir(v), "file", ROOT_INO, "moved", FileSystem.RENAME_NOREPLACE));
        add("rename exchange", v -> v.rename(dir(v), "sub", ROOT_INO, "sparse", FileSystem.RENAME_EXCHANGE));
        add("rename whiteout", v -> v.rename(dir(v), "file", ROOT_INO, "moved", FileSystem.RENAME_WHITEOUT));
        add("tmpfile and link", v -> {
            Attributes a = new Attributes();
            OpenFile open = v.volume.tmpfile(TestVolume.ROOT, dir(v), 0600, 2, a);
            v.link(a.ino, dir(v), "named");
            v.volume.release(open);
            v.volume.forget(a.ino, 1);
        });
        add("unlink of an open file", v -> {
            OpenFile open = v.volume.open(TestVolume.ROOT, file(v), 0, false);
            v.unlink(dir(v), "file");
            v.volume.release(open);
        });
    }

    private void data() {
        overwrites("overwrite", v -> v.write(file(v), 100, bytes(200, 10)));
        overwrites("overwrite across blocks", v -> v.write(file(v), 4000, bytes(300, 11)));
        writes("append in block", v -> v.write(file(v), 10_000, bytes(50, 12)));
        writes("append a block", v -> v.write(other(v), 300, bytes(4096, 13)));
        writes("write behind the end", v -> v.write(file(v), 30_000, bytes(77, 14)));
        writes("fill a hole", v -> v.write(sparse(v), 20_010, bytes(5000, 15)));
        writes("write into unwritten", v -> v.write(sparse(v), 45_000, bytes(100, 16)));
        add("truncate down", v -> v.truncate(file(v), 4100));
        add("truncate to nothing", v -> v.truncate(file(v), 0));
        add("truncate up", v -> v.truncate(file(v), 50_000));
        add("allocate", v -> v.fallocate(file(v), 0, 8192, 20_000));
        add("allocate keeping size", v -> v.fallocate(file(v), FileSystem.FALLOC_KEEP_SIZE, 8192, 20_000));
        int punch = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;
        add("punch whole blocks", v -> v.fallocate(file(v), punch, 4096, 4096));
        overwrites("punch with edges", v -> v.fallocate(file(v), punch, 4000, 4500));
        add("zero range, whole blocks", v -> v.fallocate(sparse(v), FileSystem.FALLOC_ZERO_RANGE, 0, 45_056));
        overwrites("zero range with edges", v -> v.fallocate(file(v), FileSystem.FALLOC_ZERO_RANGE, 4000, 4500));
        add(
                "write out of the page cache",
                Effect.STORES,
                OperationWorkloads::other,
                v -> v.write(other(v), 200, bytes(200, 17), FileSystem.WRITE_CACHE));
    }

    /** Several writes, each atomic: one operation only where all of them overwrite, so not behind others. */
    private void severalWrites() {
        overwrites("overwrites within a tick", v -> {
            for (int i = 0; i < 4; i++) {
                v.write(file(v), 100 + i * 500, bytes(200, 30 + i));
            }
        });
    }

    private void overwrites(String name, CrashWorkload.Step step) {
        add(name, Effect.OVERWRITES, null, step);
    }

    private void writes(String name, CrashWorkload.Step step) {
        add(name, Effect.WRITES, null, step);
    }

    private void mapped() {
        CrashOperation.File file = OperationWorkloads::file;
        CrashOperation.File sparse = OperationWorkloads::sparse;
        add("mapped store", Effect.STORES, file, v -> store(v, file(v), 100, 6000));
        add(
                "mapped store into data, hole and unwritten",
                Effect.STORES,
                sparse,
                v -> store(v, sparse(v), 4000, 50_000));
        add("mapped store and msync", Effect.STORES, file, v -> {
            store(v, file(v), 0, 8192);
            sync(v, file(v), 4096, 8192);
        });
        overwrites("mapped store and fsync", v -> {
            store(v, file(v), 2000, 5000);
            sync(v, file(v), 0, Long.MAX_VALUE);
        });
        add("fsync", Effect.SYNCS, file, v -> sync(v, file(v), 0, Long.MAX_VALUE));
        add("fsync of the sparse file", Effect.SYNCS, sparse, v -> sync(v, sparse(v), 0, Long.MAX_VALUE));
    }

    private static void store(TestVolume v, long ino, long offset, int length) throws FsException {
        v.write(ino, offset, bytes(length, (int) offset), FileSystem.WRITE_CACHE);
    }

    private static void sync(TestVolume v, long ino, long start, long end) throws FsException {
        OpenFile open = v.volume.open(TestVolume.ROOT, ino, 2, false);
        try {
            v.volume.fsync(open, start, end, false);
        } finally {
            v.volume.release(open);
        }
    }

    private void attributes() {
        add("setxattr", v -> v.setxattr(file(v), "user.a", bytes(20, 20)));
        add("setxattr large", v -> v.setxattr(sparse(v), "user.small", bytes(65_536, 21)));
        add("replace xattr", v -> v.setxattr(sparse(v), "user.large", bytes(100, 22)));
        add("removexattr", v -> v.volume.removexattr(TestVolume.ROOT, sparse(v), Name.of("user.large")));
        add("chmod", v -> change(v, AttributeChange.MODE));
        add("chown", v -> change(v, AttributeChange.UID | AttributeChange.GID));
        add("utimens", v -> change(v, AttributeChange.ATIME | AttributeChange.MTIME));
        add("set flags", v -> v.volume.setFlags(TestVolume.ROOT, file(v), InodeFlags.NODUMP));
    }

    private void acls() {
        add("set access ACL", v -> v.setxattr(file(v), ACCESS, AclText.wire(NAMED)));
        add("set access ACL like a mode", v -> v.setxattr(acled(v), ACCESS, AclText.wire("u::r--,g::---,o::---")));
        add("replace access ACL", v -> v.setxattr(acled(v), ACCESS, AclText.wire("u::---,g::r--,m::---,o::--x")));
        add("remove access ACL", v -> v.volume.removexattr(TestVolume.ROOT, acled(v), Name.of(ACCESS)));
        add("chmod with ACL", v -> change(v, acled(v), AttributeChange.MODE));
        add("set default ACL", v -> v.setxattr(dir(v), DEFAULT, AclText.wire(NAMED)));
        add("create with inherited ACL", v -> v.create(heritage(v), "new"));
        add("mkdir with inherited ACL", v -> v.mkdir(heritage(v), "new"));
        add("tmpfile with inherited ACL, and link", v -> {
            Attributes a = new Attributes();
            OpenFile open = v.volume.tmpfile(TestVolume.ROOT, heritage(v), 0666, 2, a);
            v.link(a.ino, heritage(v), "named");
            v.volume.release(open);
            v.volume.forget(a.ino, 1);
        });
        add("unlink with ACL", v -> v.unlink(heritage(v), "child"));
    }

    private void privileges() {
        overwrites("overwrite of a capable setuid file", v -> {
            long file = capable(v);
            OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
            v.volume.setattr(STRANGER, file, open, resizing(4000), new Attributes());
            v.volume.release(open);
        });
        add("chown of a capable setuid file", v -> change(v, capable(v), AttributeChange.UID));
    }

    /** To the size it has: what is left to see is the loss of privileges. */
    private static AttributeChange resizing(long size) {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.SIZE | AttributeChange.KILL_PRIVILEGES;
        change.sizeBytes = size;
        return change;
    }

    private static void change(TestVolume v, int valid) throws FsException {
        change(v, file(v), valid);
    }

    private static void change(TestVolume v, long ino, int valid) throws FsException {
        AttributeChange change = new AttributeChange();
        change.valid = valid;
        change.mode = 0600;
        change.uid = 7;
        change.gid = 8;
        change.atimeNanos = 1_000_000_001L;
        change.mtimeNanos = 2_000_000_002L;
        v.volume.setattr(TestVolume.ROOT, ino, null, change, new Attributes());
    }
}
