package org.radax.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.volume.AttributeChange;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.Caller;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.ReadSink;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.session.SessionOptions;
import org.radax.fuse.wire.Notice;

/** A real mount, tried with real tools. */
@Timeout(60)
final class MountedTest {
    @TempDir
    Path directory;

    @Test
    void shouldServeFilesUntilUnmounted() throws Exception {
        MemoryFileSystem fs = new MemoryFileSystem();
        byte[] data = new byte[3 << 20];
        new Random(1).nextBytes(data);
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "the pool,1"));
        try {
            assertEquals("the pool,1", MountPoints.find(directory).orElseThrow().source());
            Path file = directory.resolve("a");
            Files.write(file, data);
            assertArrayEquals(data, Files.readAllBytes(file));
            Files.createDirectory(directory.resolve("d"));
            Files.move(file, directory.resolve("d/b"));
            assertArrayEquals(data, Files.readAllBytes(directory.resolve("d/b")));
            assertEquals(
                    0,
                    Shell.run("ls -laR " + directory + " && stat " + directory + "/d/b")
                            .status());
        } finally {
            mount.unmount();
        }
        assertFalse(mount.isMounted());
        assertTrue(MountPoints.find(directory).isEmpty());
        assertEquals(0, fs.openFiles());
    }

    @Test
    void shouldGetTheDirtyPagesOfADisk() throws Exception {
        try (FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"))) {
            assertTrue(mount.isMounted());
            Path limits = Path.of(
                    "/sys/class/bdi", MountPoints.find(directory).orElseThrow().device());
            assertEquals("0", Files.readString(limits.resolve("strict_limit")).strip());
            assertEquals("100", Files.readString(limits.resolve("max_ratio")).strip());
        }
    }

    @Test
    void shouldHoldLocksOfOtherProcesses() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        try {
            Path file = directory.resolve("lock");
            Files.write(file, "x".getBytes(StandardCharsets.UTF_8));
            Shell.Result result = Shell.run("flock " + file + " sleep 1 & sleep 0.3; flock -n " + file
                    + " true && echo wrong; flock " + file + " echo got; wait");
            assertEquals("got\n", result.output());
        } finally {
            mount.unmount();
        }
    }

    /** A sync that takes as long as it may. */
    private static final class SlowSync extends MemoryFileSystem {
        final CountDownLatch begun = new CountDownLatch(1);
        volatile boolean cancelled;

        @Override
        public void fsync(OpenFile file, long start, long end, boolean dataOnly, BooleanSupplier isCancelled)
                throws FsException {
            begun.countDown();
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!cancelled && System.nanoTime() < patience) {
                cancelled = isCancelled.getAsBoolean();
            }
            throw new FsException(Errno.EINTR, "fsync", "cancelled");
        }
    }

    @Test
    void shouldCancelTheSyncOfAKilledProcessAlone() throws Exception {
        SlowSync fs = new SlowSync();
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "pool"));
        try {
            Path file = Files.createFile(directory.resolve("a"));
            String program = "use IO::Handle; $SIG{USR1} = sub {}; open(F, '+<', $ARGV[0]); F->sync;";
            Process syncing = new ProcessBuilder("perl", "-e", program, file.toString()).start();
            fs.begun.await();
            assertEquals(0, Shell.run("kill -USR1 " + syncing.pid()).status());
            Thread.sleep(300);
            assertFalse(fs.cancelled);
            syncing.destroyForcibly();
            syncing.waitFor();
            assertTrue(fs.cancelled);
        } finally {
            mount.close();
        }
    }

    @Test
    void shouldRefuseToUnmountWhileAFileIsOpenAndEndAfterwards() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        Path file = Files.createFile(directory.resolve("a"));
        try (InputStream open = Files.newInputStream(file)) {
            assertEquals(-1, open.read());
            MountException busy = assertThrows(MountException.class, mount::unmount);
            assertTrue(busy.getMessage().contains("busy"), busy.getMessage());
            assertTrue(mount.isMounted());
        }
        mount.unmount();
        mount.unmount();
        assertFalse(mount.isMounted());
    }

    @Test
    void shouldCutOffWhoStillUsesItWhenClosed() throws Exception {
        MemoryFileSystem fs = new MemoryFileSystem();
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "pool"));
        Path file = Files.createFile(directory.resolve("a"));
        FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE);
        open.write(ByteBuffer.allocate(100));
        mount.close();
        assertFalse(mount.isMounted());
        assertTrue(MountPoints.find(directory).isEmpty());
        assertEquals(0, fs.openFiles());
        IOException cutOff = assertThrows(IOException.class, () -> open.write(ByteBuffer.allocate(100), 0));
        assertTrue(cutOff.getMessage().contains("not connected"), cutOff.getMessage());
        assertThrows(IOException.class, open::close);
        mount.close();
    }

    @Test
    void shouldNoticeAForeignUnmount() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        assertEquals(new Shell.Result(0, ""), Shell.run("umount " + directory));
        mount.awaitUnmount();
        assertFalse(mount.isMounted());
    }

    @Test
    void shouldLeaveNothingBehindAfterAnAbort() throws Exception {
        MemoryFileSystem fs = new MemoryFileSystem();
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "pool"));
        Files.createFile(directory.resolve("a"));
        Shell.Result aborted = Shell.run("mountpoint -q /sys/fs/fuse/connections"
                + " || mount -t fusectl fusectl /sys/fs/fuse/connections;"
                + " echo 1 > /sys/fs/fuse/connections/$(mountpoint -d " + directory + " | cut -d: -f2)/abort");
        assertEquals(new Shell.Result(0, ""), aborted);
        mount.awaitUnmount();
        assertTrue(MountPoints.find(directory).isEmpty());
        assertEquals(0, fs.openFiles());
    }

    /** Sent by the thread that serves the READ, this notification would wait for the page the READ has locked. */
    @Test
    void shouldDeliverANotificationRequestedInsideARead() throws Exception {
        AtomicReference<FuseMount> mounted = new AtomicReference<>();
        CountDownLatch read = new CountDownLatch(1);
        MemoryFileSystem fs = new MemoryFileSystem() {
            @Override
            public void read(OpenFile file, long fileOffset, long lengthBytes, ReadSink sink) throws FsException {
                mounted.get().notices().orElseThrow().enqueue(Notice.dataChanged(file.ino(), 0, 0));
                try {
                    // Time enough for the notification to reach the page this READ fills.
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                super.read(file, fileOffset, lengthBytes, sink);
                read.countDown();
            }
        };
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "pool"));
        mounted.set(mount);
        // A deadlock ends in no other way: then cat fails, and the test with it.
        Process rescue = new ProcessBuilder(
                        "bash",
                        "-c",
                        "mountpoint -q /sys/fs/fuse/connections || mount -t fusectl fusectl /sys/fs/fuse/connections;"
                                + " d=$(mountpoint -d " + directory + " | cut -d: -f2); sleep 20;"
                                + " echo 1 > /sys/fs/fuse/connections/$d/abort")
                .start();
        try {
            assertEquals(0, Shell.run("echo -n first > " + directory + "/a").status());
            assertEquals(
                    "first", Shell.run("timeout 20 cat " + directory + "/a").output());
            assertTrue(read.await(5, TimeUnit.SECONDS));
        } finally {
            rescue.destroy();
            mount.unmount();
        }
    }

    /** Behind the kernel's back nothing changes but what is announced: then it must be seen at once. */
    @Test
    void shouldMakeTheKernelLookAgain() throws Exception {
        MemoryFileSystem fs = new MemoryFileSystem();
        FuseMount mount = FuseMount.mount(fs, MountOptions.defaults(directory, "pool"));
        try {
            Path file = Files.createFile(directory.resolve("a"));
            Attributes attributes = new Attributes();
            assertTrue(fs.lookup(1, Name.of("a"), attributes));
            AttributeChange change = new AttributeChange();
            change.valid = AttributeChange.MODE;
            change.mode = 0400;
            fs.setattr(new Caller(), attributes.ino, null, change, attributes);
            assertEquals("644\n", Shell.run("stat -c %a " + file).output(), "cached, as it should be");
            mount.notices().orElseThrow().enqueue(Notice.attributesChanged(attributes.ino));
            String seen = "";
            for (int i = 0; i < 100 && !seen.equals("400\n"); i++) {
                seen = Shell.run("stat -c %a " + file).output();
            }
            assertEquals("400\n", seen);
        } finally {
            mount.unmount();
        }
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldServeToolsUnderEachCachePolicy(CachePolicy policy) throws Exception {
        MountOptions o = new MountOptions(
                directory,
                "pool",
                false,
                policy,
                3,
                true,
                true,
                true,
                true,
                true,
                Atime.NOATIME,
                false,
                TransportKind.KERNEL);
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), o);
        try {
            assertEquals(policy, mount.info().cache());
            assertEquals(3, mount.info().ownQueues(), "root gets cloned descriptors");
            Shell.Result result = Shell.run("set -e; cd " + directory + "; mkdir s; "
                    + "cp -a /usr/include/linux s/; diff -r /usr/include/linux s/linux; "
                    + "dd if=/dev/urandom of=big bs=1M count=8 status=none; "
                    + "dd if=big of=copy bs=1M iflag=direct oflag=direct status=none; cmp big copy; "
                    + "cp --reflink=never big third; cmp big third; ln big fourth; ln -s fourth fifth; cmp fifth big; "
                    + "truncate -s 1000 third; stat -c %s third; mkfifo pipe; touch -d 2001-02-03 third; "
                    + "stat -c %y third | cut -c1-10; rm -r s; ls | tr '\\n' ' '; "
                    + "python3 -c \"import mmap; f=open('copy','r+b'); m=mmap.mmap(f.fileno(),0); m[0:5]=b'hello';"
                    + " m.flush(); print(open('copy','rb').read(5))\"");
            assertEquals(new Shell.Result(0, "1000\n2001-02-03\nbig copy fifth fourth pipe third b'hello'\n"), result);
        } finally {
            mount.unmount();
        }
    }

    @Test
    void shouldRemountReadOnlyAndBack() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        try {
            mount.remount(true);
            assertTrue(MountPoints.find(directory).orElseThrow().readOnly());
            assertTrue(Shell.run("touch " + directory + "/a").output().contains("Read-only"));
            mount.remount(false);
            assertEquals(0, Shell.run("touch " + directory + "/a").status());
        } finally {
            mount.unmount();
        }
    }

    @Test
    void shouldInterruptAWaitForALock() throws Exception {
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        try {
            String script = "import fcntl,os,signal,sys,struct\n"
                    + "f=open('" + directory + "/l','w')\nfcntl.lockf(f,fcntl.LOCK_EX)\n"
                    + "pid=os.fork()\n"
                    + "if pid==0:\n"
                    + "  def stop(a,b): raise TimeoutError\n"
                    + "  signal.signal(signal.SIGALRM,stop); signal.setitimer(signal.ITIMER_REAL,0.3)\n"
                    + "  g=open('" + directory + "/l','w')\n"
                    + "  try:\n    fcntl.lockf(g,fcntl.LOCK_EX); os._exit(1)\n"
                    + "  except TimeoutError: os._exit(7)\n"
                    + "print(os.waitpid(pid,0)[1]>>8)\n"
                    // OFD locks: F_OFD_SETLK is 37, F_OFD_SETLKW 38; the lock falls with the open file, at its RELEASE,
                    // for
                    // which close(2) does not wait, and no FLUSH names its owner.
                    + "h=open('" + directory + "/o','w'); k=open('" + directory + "/o','w')\n"
                    + "lk=struct.pack('hhqqi4x',1,0,0,0,0)\n"
                    + "fcntl.fcntl(h,37,lk)\n"
                    + "try:\n  fcntl.fcntl(k,37,lk); print('wrong')\nexcept OSError as e: print(e.errno)\n"
                    + "h.close(); fcntl.fcntl(k,38,lk); print('got')\n";
            Path file = Files.writeString(Files.createTempFile("radax", ".py"), script);
            assertEquals(new Shell.Result(0, "7\n11\ngot\n"), Shell.run("timeout 20 python3 " + file));
            Files.delete(file);
        } finally {
            mount.unmount();
        }
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldServeSeldomCalls(CachePolicy policy) throws Exception {
        FuseMount mount = FuseMount.mount(
                new MemoryFileSystem(),
                new MountOptions(
                        directory,
                        "pool",
                        false,
                        policy,
                        2,
                        true,
                        true,
                        true,
                        true,
                        true,
                        Atime.RELATIME,
                        false,
                        TransportKind.KERNEL));
        try {
            String script =
                    Path.of(getClass().getResource("/operations.py").toURI()).toString();
            assertEquals(
                    new Shell.Result(0, "well\n"),
                    Shell.run("timeout 50 python3 " + script + " " + directory + " " + policy));
        } finally {
            mount.unmount();
        }
    }

    @Test
    void shouldServeWhilePolling() throws Exception {
        System.setProperty(SessionOptions.SPIN_PROPERTY, "20");
        try {
            shouldServeFilesUntilUnmounted();
        } finally {
            System.clearProperty(SessionOptions.SPIN_PROPERTY);
        }
    }
}
