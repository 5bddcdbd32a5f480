package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** The second transport, libfuse 2, with the tools and cases where it could go wrong. */
final class JnrFuseIT {
    private static final String TRANSPORT = "--transport=jnr-fuse";

    @BeforeEach
    void needMount() {
        Environment.needsMount();
    }

    @Test
    @Tag("smoke")
    void shouldBeMountedAsAskedAndClosedByTheSystemsUmount() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            String line = Files.readAllLines(Path.of("/proc/mounts")).stream()
                    .filter(mount -> mount.contains(" " + volume.directory() + " "))
                    .findAny()
                    .orElseThrow();
            assertTrue(line.startsWith(volume.pool() + " " + volume.directory() + " fuse.radax rw,"), line);
            assertTrue(line.contains("default_permissions") && line.contains("allow_other"), line);
            assertFalse(line.contains("nosuid") || line.contains("nodev"), line);
            assertEquals("jnr-fuse", volume.info().getObject("mount").getString("transport"));
            assertEquals(
                    "4096 255",
                    Run.of("stat", "-f", "-c", "%s %l", volume.directory().toString())
                            .ok()
                            .out()
                            .strip());
            Files.writeString(volume.directory().resolve("a"), "x");
            long pid = volume.daemonPid();

            Run.of("umount", volume.directory().toString()).ok();

            ProcessHandle.of(pid).ifPresent(daemon -> daemon.onExit().join());
            volume.fsckClean();
        }
    }

    @Test
    void shouldEndCleanlyBySignalAndRefuseChangesWhenReadOnly() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Files.writeString(volume.directory().resolve("a"), "x");
            ProcessHandle daemon = ProcessHandle.of(volume.daemonPid()).orElseThrow();
            assertTrue(daemon.destroy());
            daemon.onExit().join();
            assertFalse(Volume.isMountPoint(volume.directory()));
            volume.fsckClean();

            Volume.radax(
                            "mount",
                            TRANSPORT,
                            "-o",
                            "ro",
                            volume.pool().toString(),
                            volume.directory().toString())
                    .ok();

            assertEquals("x", Files.readString(volume.directory().resolve("a")));
            assertTrue(Run.of("touch", volume.directory().resolve("b").toString())
                    .code(1)
                    .err()
                    .contains("Read-only"));
        }
    }

    @Test
    @Tag("smoke")
    void shouldKeepATree() throws Exception {
        try (Volume volume = Volume.mounted("512M", TRANSPORT)) {
            Path copy = volume.directory().resolve("copy");
            Path snapshot = volume.scratch().resolve("snapshot");
            Path source = Environment.project().resolve("fs-core/src");
            Run.of("cp", "-a", source.toString(), snapshot.toString()).ok();
            Run.of("cp", "-a", snapshot.toString(), copy.toString()).ok();
            Map<String, String> expected = FileTrees.describe(snapshot);
            FileTrees.assertSame(expected, copy);

            volume.cycle();

            FileTrees.assertSame(expected, copy);
            Run.of("rm", "-r", copy.toString()).ok();
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldCloneAndCollectWithGit() throws Exception {
        Environment.needsProgram("git");
        try (Volume volume = Volume.mounted("512M", TRANSPORT)) {
            Run.of("cp", "-a", Environment.project().resolve("cli/src").toString(), volume.directory() + "/origin")
                    .ok();
            String git = "git -c gc.auto=0 -c maintenance.auto=false -c user.name=Test -c user.email=test@example.org ";
            Run.in(
                            volume.directory(),
                            "bash",
                            "-ec",
                            "cd origin; " + git + "init -q; " + git + "add -A; " + git + "commit -qm all; cd ..; "
                                    + git + "clone -q origin linked; " + git + "clone -q --no-local origin packed; "
                                    + "for clone in linked packed; do cd $clone; " + git + "fsck --strict; " + git
                                    + "gc -q --prune=now; " + git + "fsck --strict; cd ..; done; diff -r linked packed "
                                    + "-x .git")
                    .ok();
            volume.cycle();
            Run.in(volume.directory().resolve("linked"), "git", "fsck", "--strict")
                    .ok();
        }
    }

    /** The index of WAL mode is a file that every connection maps. */
    @Test
    void shouldKeepTransactionsOfSqlite() throws Exception {
        Environment.needsProgram("sqlite3");
        try (Volume volume = Volume.mounted("256M", TRANSPORT)) {
            String database = volume.directory().resolve("test.db").toString();
            Run.of(
                            "sqlite3",
                            "-bail",
                            database,
                            "PRAGMA journal_mode=wal; PRAGMA mmap_size=268435456; CREATE TABLE t(k INTEGER PRIMARY KEY);"
                                    + " INSERT INTO t VALUES(0);")
                    .ok();
            Run.of(
                            "bash",
                            "-ec",
                            "for writer in 1 2 3; do for i in $(seq 30); do sqlite3 -bail " + database
                                    + " 'PRAGMA busy_timeout=60000; INSERT INTO t VALUES('$writer'000+'$i')'; done & done;"
                                    + " for job in $(jobs -p); do wait $job; done")
                    .ok();
            volume.cycle();
            assertEquals(
                    "ok\n91\n",
                    Run.of("sqlite3", database, "PRAGMA integrity_check; SELECT count(*) FROM t;")
                            .ok()
                            .out());
        }
    }

    @Test
    void shouldReadBackWhatFioWroteByCallAndByMapping() throws Exception {
        Environment.needsProgram("fio");
        try (Volume volume = Volume.mounted("256M", TRANSPORT)) {
            for (String engine : List.of("psync", "mmap")) {
                List<String> job = List.of(
                        "fio",
                        "--name=" + engine,
                        "--directory=" + volume.directory(),
                        "--rw=randwrite",
                        "--bs=4k",
                        "--size=16M",
                        "--numjobs=2",
                        "--ioengine=" + engine,
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--verify_state_save=0",
                        "--end_fsync=1");
                fio(volume, job, "--do_verify=1");
                volume.cycle();
                fio(volume, job, "--verify_only");
            }
        }
    }

    private static void fio(Volume volume, List<String> job, String more) throws IOException, InterruptedException {
        String[] command = job.toArray(new String[job.size() + 1]);
        command[job.size()] = more;
        Run.in(volume.scratch(), command).ok();
    }

    @Test
    @Tag("smoke")
    void shouldShowAWriteThroughEveryName() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Path one = volume.directory().resolve("one");
            Path two = volume.directory().resolve("two");
            Files.writeString(one, "aaaaaaaa");
            try (FileChannel byOne = open(one)) {
                assertEquals("aaaa", read(byOne, 4));
                Files.createLink(two, one);
                try (FileChannel byTwo = open(two);
                        FileChannel endOfOne = FileChannel.open(one, StandardOpenOption.APPEND);
                        FileChannel endOfTwo = FileChannel.open(two, StandardOpenOption.APPEND)) {
                    byTwo.write(bytes("bb"), 2);
                    assertEquals("aabb", read(byOne, 4));
                    byOne.write(bytes("cc"), 0);
                    assertEquals("ccbb", read(byTwo, 4));
                    endOfOne.write(bytes("1"));
                    endOfTwo.write(bytes("2"));
                    endOfOne.write(bytes("3"));
                    assertEquals("ccbbaaaa123", Files.readString(two));
                    byOne.truncate(3);
                    assertEquals(3, byTwo.size());
                    assertEquals(3, Files.size(two));
                }
            }
            assertEquals(Files.getAttribute(one, "unix:ino"), Files.getAttribute(two, "unix:ino"));
            assertEquals(2, Files.getAttribute(two, "unix:nlink"));
            Run.of("setfattr", "-n", "user.a", "-v", "1", one.toString()).ok();
            Run.of("getfattr", "-n", "user.a", two.toString()).ok();
            int fd = Posix.LIBC.open(one.toString(), Posix.O_RDONLY, 0);
            Files.delete(one);
            assertEquals("ccb", Files.readString(two));
            assertEquals(1, Files.getAttribute(two, "unix:nlink"));
            String byDescriptor = "/proc/self/fd/" + fd;
            assertEquals(1, Files.getAttribute(Path.of(byDescriptor), "unix:nlink"));
            String three = volume.directory().resolve("three").toString();
            int at = Posix.AT_FDCWD;
            assertEquals(0, Posix.LIBC.linkat(at, byDescriptor, at, three, Posix.AT_SYMLINK_FOLLOW));
            assertEquals(2, Files.getAttribute(two, "unix:nlink"));
            Posix.LIBC.close(fd);
        }
    }

    @Test
    @Tag("smoke")
    void shouldKeepAnOpenFileWithoutAName() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Path directory = Files.createDirectory(volume.directory().resolve("d"));
            Path file = Files.writeString(directory.resolve("f"), "data");
            int fd = Posix.LIBC.open(file.toString(), Posix.O_RDWR, 0);
            Path byDescriptor = Path.of("/proc/self/fd/" + fd);
            Files.delete(file);
            try (var entries = Files.list(directory)) {
                assertEquals(0, entries.count(), "no name in its place");
            }
            assertEquals(0, Files.getAttribute(byDescriptor, "unix:nlink"));
            Files.setPosixFilePermissions(byDescriptor, PosixFilePermissions.fromString("rw-r-----"));
            assertEquals(4, Posix.LIBC.pwrite(fd, "DATA".getBytes(StandardCharsets.UTF_8), 4, 4));
            assertEquals("dataDATA", Files.readString(byDescriptor));
            assertEquals(0, Posix.LIBC.ftruncate(fd, 6));
            assertEquals(6, Files.size(byDescriptor));
            Files.writeString(file, "another");
            assertEquals("dataDA", Files.readString(byDescriptor));
            Files.delete(file);
            Files.delete(directory);
            byte[] data = new byte[6];
            assertEquals(6, Posix.LIBC.pread(fd, data, 6, 0));
            assertArrayEquals("dataDA".getBytes(StandardCharsets.UTF_8), data);
            Posix.LIBC.close(fd);
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** libfuse hides the file that is open under the new name first: nobody may see the name gone meanwhile. */
    @Test
    void shouldReplaceAnOpenFileInOneStep() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Path target = volume.directory().resolve("target");
            Files.writeString(target, "0");
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Exception> missed = new AtomicReference<>();
            Thread reader = new Thread(() -> {
                while (!done.get()) {
                    try (FileChannel open = FileChannel.open(target)) {
                        read(open, 1);
                    } catch (IOException e) {
                        missed.set(e);
                        return;
                    }
                }
            });
            reader.start();
            try (FileChannel first = FileChannel.open(target)) {
                for (int i = 1; i <= 300; i++) {
                    Path next = Files.writeString(volume.directory().resolve("next"), Integer.toString(i));
                    Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
                }
                done.set(true);
                reader.join();
                if (missed.get() != null) {
                    throw missed.get();
                }
                assertEquals("0", read(first, 1));
            }
            assertEquals("300", Files.readString(target));
            try (var entries = Files.list(volume.directory())) {
                assertEquals(List.of(target), entries.toList());
            }
        }
    }

    @Test
    void shouldKeepLinksAndSpecialFiles() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            String script = "ln -s ../some/where link; ln -s \"$(printf %4095s x | tr ' ' y)\" long; mkfifo pipe; "
                    + "mknod null c 1 3; mknod disk b 259 70000; mkdir -p a/b/c; chmod 1777 a; "
                    + "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"sock\")'";
            Run.in(volume.directory(), "bash", "-ec", script).ok();
            volume.cycle();
            assertEquals(
                    """
                    link ../some/where
                    4095
                    pipe fifo prw-r--r--
                    null character special file 1,3
                    disk block special file 259,70000
                    sock socket
                    drwxrwxrwt
                    """,
                    Run.in(
                                    volume.directory(),
                                    "bash",
                                    "-ec",
                                    "echo link $(readlink link); readlink -n long | wc -c; stat -c '%n %F %A' pipe; "
                                            + "stat -c '%n %F %Hr,%Lr' null disk; stat -c '%n %F' sock; stat -c %A a; "
                                            + "echo gone > null; [ -p pipe ]; rmdir -p a/b/c")
                            .ok()
                            .out());
        }
    }

    @Test
    @Tag("smoke")
    void shouldKeepNamesOfAnyBytes() throws Exception {
        String texts = """
                import os
                every = bytes(byte for byte in range(1, 256) if byte != ord('/'))
                texts = ['\\u00e9\\u20ac'.encode(), b'\\xe9', b'\\xff', every[:240], every[120:]]
                """;
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Run.in(volume.directory(), "python3", "-c", texts + """
                    for text in texts:
                        d = b'd' + text + b'/'
                        os.mkdir(d)
                        os.symlink(text, d + b'l' + text)
                        with open(b'new', 'wb') as f: f.write(text)
                        os.rename(b'new', d + text)
                        os.link(d + text, d + b'h' + text)
                        os.setxattr(d, b'user.' + text, text)
                    """).ok();
            volume.cycle();
            Run.in(volume.directory(), "python3", "-c", texts + """
                    assert sorted(os.listdir(b'.')) == sorted(b'd' + text for text in texts)
                    for text in texts:
                        d = b'd' + text + b'/'
                        assert sorted(os.listdir(d)) == sorted([text, b'h' + text, b'l' + text])
                        assert os.readlink(d + b'l' + text) == text
                        with open(d + b'h' + text, 'rb') as f: assert f.read() == text
                        assert os.stat(d + text).st_nlink == 2
                        assert os.listxattr(d) == [os.fsdecode(b'user.' + text)]
                        assert os.getxattr(d, b'user.' + text) == text
                        os.removexattr(d, b'user.' + text)
                        for name in os.listdir(d): os.unlink(d + name)
                        os.rmdir(d)
                    """).ok();
        }
    }

    /** POSIX ACLs that the other transport has set. */
    @Test
    void shouldInheritAcls() throws Exception {
        Environment.needsProgram("setfacl");
        try (Volume volume = Volume.formatted("64M", TRANSPORT)) {
            Volume.radax("mount", volume.pool().toString(), volume.directory().toString())
                    .ok();
            Run.in(volume.directory(), "bash", "-ec", "mkdir d; setfacl -d -m u::rwx,u:1:rwx,g::r-x,o::- d")
                    .ok();
            volume.cycle();
            assertEquals("jnr-fuse", volume.info().getObject("mount").getString("transport"));
            Run.in(volume.directory(), "bash", "-ec", "umask 022; touch d/f; mkdir d/s")
                    .ok();
            assertEquals(
                    "user::rw- user:1:rwx group::r-x mask::rw- other::---\n660\ndefault:user:1:rwx\n",
                    Run.in(
                                    volume.directory(),
                                    "bash",
                                    "-ec",
                                    "echo $(getfacl -cnE d/f); stat -c %a d/f; getfacl -cnE d/s | grep default:user:1:")
                            .ok()
                            .out());
        }
    }

    @Test
    void shouldKeepAttributes() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            String script = "touch f; setfattr -n user.a -v one f; setfattr -n trusted.b -v two f; "
                    + "setfattr -n user.big -v $(printf %60000s x | tr ' ' y) f; setfattr -n user.a -v three f; "
                    + "setfattr -n user.gone -v 1 f; setfattr -x user.gone f; chmod 640 f; chown 1:2 f; "
                    + "umask 077; mkdir private; umask 002; touch shared";
            Run.in(volume.directory(), "bash", "-ec", script).ok();
            volume.cycle();
            assertEquals(
                    "three\n60000\ntrusted.b user.a user.big\n640 1 2\n700\n664\n",
                    Run.in(
                                    volume.directory(),
                                    "bash",
                                    "-ec",
                                    "getfattr --only-values -n user.a f; echo; getfattr --only-values -n user.big f | wc -c;"
                                            + " echo $(getfattr -m - f | grep -v '^#' | sort); stat -c '%a %u %g' f;"
                                            + " stat -c %a private shared")
                            .ok()
                            .out());
        }
    }

    /** In a process of its own: the JVM lets go of a mapping only when it likes. */
    @Test
    void shouldShowStoresAndWritesToEachOther() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            String script = """
                    import mmap, os
                    one, two = os.open('f', os.O_RDWR | os.O_CREAT), os.open('f', os.O_RDWR)
                    os.ftruncate(one, 16384)
                    store, look = mmap.mmap(one, 0), mmap.mmap(two, 0, prot=mmap.PROT_READ)
                    store[5000:5001] = b'm'
                    assert look[5000:5001] == b'm' and os.pread(two, 1, 5000) == b'm'
                    os.pwrite(two, b'w', 5001)
                    assert store[5000:5002] == b'mw'
                    store[16000:16001] = b'l'
                    """;
            Run.in(volume.directory(), "python3", "-c", script).ok();
            volume.cycle();
            byte[] data = Files.readAllBytes(volume.directory().resolve("f"));
            assertEquals(16384, data.length);
            assertEquals("mw", new String(data, 5000, 2, StandardCharsets.UTF_8));
            assertEquals('l', data[16000]);
        }
    }

    @Test
    void shouldKeepALargeSparseFile() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Path file = volume.directory().resolve("sparse");
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(6L << 30);
                sparse.seek((5L << 30) + 1);
                sparse.write("far".getBytes(StandardCharsets.UTF_8));
            }
            volume.cycle();
            assertEquals(6L << 30, Files.size(file));
            try (FileChannel channel = FileChannel.open(file)) {
                assertEquals("\0far\0", readAt(channel, 5L << 30, 5));
                assertEquals("\0", readAt(channel, (6L << 30) - 1, 1));
                assertEquals("", readAt(channel, 6L << 30, 1));
            }
            assertEquals(
                    "8", Run.of("stat", "-c", "%b", file.toString()).ok().out().strip());
        }
    }

    @Test
    void shouldKeepTimes() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Path file = Files.writeString(volume.directory().resolve("f"), "x");
            Instant past = Instant.ofEpochSecond(-1_000_000_000L, -876_543_211);
            Run.of("touch", "-m", "-d", "@-1000000000.876543211", file.toString())
                    .ok();
            Run.of("touch", "-a", "-d", "@4000000000.5", file.toString()).ok();
            assertEquals(past, Files.getLastModifiedTime(file).toInstant(), "only the other time was set");
            assertTrue(((FileTime) Files.getAttribute(file, "unix:ctime"))
                    .toInstant()
                    .isAfter(Instant.now().minusSeconds(60)));
            volume.cycle();
            assertEquals(past, Files.getLastModifiedTime(file).toInstant());
            assertEquals(
                    Instant.ofEpochSecond(4_000_000_000L, 500_000_000),
                    ((FileTime) Files.getAttribute(file, "lastAccessTime")).toInstant());
            Instant before = Instant.now().minusSeconds(5);
            Files.writeString(file, "y");
            assertTrue(Files.getLastModifiedTime(file).toInstant().isAfter(before));
        }
    }

    @Test
    void shouldCheckThePermissionsOfTwoUsers() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            Run.of("chmod", "755", volume.directory().getParent().toString()).ok();
            String script = "mkdir shared; chmod 1777 shared; echo secret > mine; chmod 600 mine; "
                    + "as() { setpriv --reuid=$1 --regid=$1 --clear-groups bash -c \"$2\" 2>&1; }; "
                    + "as 65534 'cat mine' | grep -o 'Permission denied'; "
                    + "as 65534 'touch here' | grep -o 'Permission denied'; "
                    + "as 65534 'umask 027; echo own > shared/theirs'; stat -c '%a %u %g' shared/theirs; "
                    + "as 1 'cat shared/theirs' | grep -o 'Permission denied'; "
                    + "as 1 'rm -f shared/theirs' | grep -o 'not permitted'; "
                    + "as 1 'chmod 666 shared/theirs' | grep -o 'not permitted'; as 65534 'cat shared/theirs'; "
                    + "cp $(type -P true) program; chmod 6777 program; as 65534 'echo x >> program'; "
                    + "stat -c %a program";
            assertEquals(
                    """
                    Permission denied
                    Permission denied
                    640 65534 65534
                    Permission denied
                    not permitted
                    not permitted
                    own
                    777
                    """, Run.in(volume.directory(), "bash", "-c", script).ok().out());
        }
    }

    @Test
    void shouldKeepWhatFsyncReturnedForWhenKilled() throws Exception {
        try (Volume volume = Volume.mounted("128M", TRANSPORT)) {
            Path file = volume.directory().resolve("log");
            Run.of("dd", "if=/dev/zero", "of=" + file, "bs=64k", "count=40", "conv=fsync", "status=none")
                    .ok();
            FileChannel open = open(file);
            open.write(bytes("written"), 0);
            ProcessHandle daemon = ProcessHandle.of(volume.daemonPid()).orElseThrow();
            assertTrue(daemon.destroyForcibly());
            daemon.onExit().join();

            volume.mount();

            assertEquals("jnr-fuse", volume.info().getObject("mount").getString("transport"));
            assertEquals(40 * 65536, Files.size(file));
            try (FileChannel again = open(file)) {
                assertEquals("written", read(again, 7));
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(FileChannel channel, int length) throws IOException {
        return readAt(channel, 0, length);
    }

    private static String readAt(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        int got = channel.read(buffer, position);
        return new String(buffer.array(), 0, Math.max(got, 0), StandardCharsets.UTF_8);
    }
}
