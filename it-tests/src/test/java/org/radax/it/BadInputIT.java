package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.core.format.SuperblockLayout;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Run;
import org.radax.it.harness.Superblocks;
import org.radax.it.harness.Volume;

/** What people get wrong: one line that says what, where and what to do; nothing mounted, nothing changed. */
final class BadInputIT {
    @BeforeEach
    void needMount() {
        Environment.needsMount();
    }

    @Test
    @Tag("smoke")
    void shouldRefuseWhatIsNoPool() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Path text = volume.scratch().resolve("text");
            Files.writeString(text, "hello\n".repeat(10_000));
            refusedEverywhere(volume, text, "text");
            Path empty = Files.createFile(volume.scratch().resolve("empty"));
            refusedEverywhere(volume, empty, "empty");
            Path zeroes = volume.scratch().resolve("zeroes");
            Run.of("truncate", "-s", "64M", zeroes.toString()).ok();
            refusedEverywhere(volume, zeroes, "zeroes");
            Path directory = Files.createDirectory(volume.scratch().resolve("directory"));
            Volume.radax("mount", directory.toString(), volume.directory().toString())
                    .refused(32, directory.toString());
            Volume.radax("mount", "/dev/null", volume.directory().toString()).refused(32, "/dev/null");
        }
    }

    @Test
    void shouldRefuseATruncatedPool() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Run.of("truncate", "-s", "32M", volume.pool().toString()).ok();
            String before = FileTrees.hash(volume.pool());

            Volume.radax("mount", volume.pool().toString(), volume.directory().toString())
                    .refused(32, volume.pool().toString());

            assertEquals(before, FileTrees.hash(volume.pool()));
            assertFalse(Volume.isMountPoint(volume.directory()));
        }
    }

    @Test
    void shouldUseTheReplicaOfADamagedSuperblock() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            try (RandomAccessFile pool = new RandomAccessFile(volume.pool().toFile(), "rw")) {
                pool.write(new byte[4096]);
            }
            Run fsck = Volume.radax("fsck", "-n", volume.pool().toString());
            assertEquals(4, fsck.code(), fsck::toString);

            Run info = Volume.radax("info", volume.pool().toString()).ok();
            assertTrue(info.out().contains("replica"), info.out());
            Volume.radax("fsck", "-y", volume.pool().toString()).code(1);
            volume.fsckClean();
            volume.mount();
        }
    }

    @Test
    void shouldRefuseANewerFormat() throws Exception {
        for (int field : new int[] {SuperblockLayout.MAJOR, SuperblockLayout.MINOR}) {
            try (Volume volume = Volume.formatted("64M")) {
                Superblocks.add(volume.pool(), field, 1);
                refusedEverywhere(volume, volume.pool(), "format");
            }
        }
    }

    @Test
    void shouldRefuseFeaturesItMustKnow() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Superblocks.add(volume.pool(), SuperblockLayout.INCOMPATIBLE, 4);
            refusedEverywhere(volume, volume.pool(), "features");
        }
    }

    @Test
    void shouldOnlyReadWhatHasFeaturesThatReadersMayIgnore() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            String pool = volume.pool().toString();
            String directory = volume.directory().toString();
            Path file = Files.writeString(volume.directory().resolve("file"), "content");
            volume.unmount();
            Superblocks.add(volume.pool(), SuperblockLayout.READ_ONLY_COMPATIBLE, 4);
            String before = FileTrees.hash(volume.pool());

            Run mount = Volume.radax("mount", pool, directory).ok();
            assertTrue((mount.out() + mount.err()).contains("mounted read-only"), mount.toString());
            assertEquals("content", Files.readString(file));
            Run.of("touch", file.toString()).code(1);
            assertTrue(volume.info().getBoolean("readOnly"));
            assertTrue(volume.info().getArray("remarks").toString().contains("0x4"));
            Volume.radax("mount", "-o", "remount,rw", directory).refused(32, "0x4", "newer radax");
            Run.of("touch", file.toString()).code(1);
            volume.unmount();

            Volume.radax("mount", "-o", "ro", pool, directory).ok();
            volume.unmount();
            Volume.radax("info", pool).ok();
            Volume.radax("fsck", "-y", pool).refused(8, "features");
            assertEquals(before, FileTrees.hash(volume.pool()));
        }
    }

    @Test
    void shouldRefuseBadMountPoints() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            String pool = volume.pool().toString();
            Path missing = volume.scratch().resolve("missing");
            Volume.radax("mount", pool, missing.toString()).refused(32, missing.toString(), "does not exist");
            Path file = Files.createFile(volume.scratch().resolve("file"));
            Volume.radax("mount", pool, file.toString()).refused(32, file.toString(), "not a directory");
            Volume.radax("mount", pool, volume.scratch().toString())
                    .refused(32, volume.scratch().toString(), "not empty");

            Volume.radax("mount", "-o", "nonempty", pool, volume.scratch().toString())
                    .ok();
            Volume.radax("umount", volume.scratch().toString()).ok();
        }
    }

    @Test
    @Tag("smoke")
    void shouldRefuseUnknownOptionsByName() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            String pool = volume.pool().toString();
            String directory = volume.directory().toString();
            Volume.radax("mount", "-o", "noatime,frobnicate", pool, directory).refused(1, "frobnicate");
            Volume.radax("mount", "--frobnicate", pool, directory).refused(1, "--frobnicate");
            Volume.radax("mount", "--cache=fast", pool, directory).refused(1, "fast", "writeback");
            Volume.radax("mount", "--dax=maybe", pool, directory).refused(1, "maybe", "inode");
            Volume.radax("mount", "--threads=0", pool, directory).refused(1, "threads");
            Volume.radax("mount", "--threads=many", pool, directory).refused(1, "many");
            Volume.radax("mount", pool).refused(1);
            Volume.radax("mount").refused(1);
            Volume.radax("frobnicate").refused(1, "frobnicate");
            Volume.radax("fsck", "--frobnicate", pool).refused(16, "--frobnicate");
            Volume.radax("dump", pool, "everything").refused(1, "everything");
            Volume.radax("dump", pool, "inode").refused(1, "inode");
            Volume.radax("dump", pool, "inode", "x").refused(1, "x");
            assertFalse(Volume.isMountPoint(volume.directory()));
        }
    }

    @Test
    @Tag("smoke")
    void shouldRefuseSizesOutOfRange() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Path pool = volume.scratch().resolve("p");
            for (String size : new String[] {"0", "1", "15M", "17T", "-1", "4X", "", "99999999999999999999"}) {
                Volume.radax("mkfs", "--size=" + size, pool.toString()).refused(1);
                assertFalse(Files.exists(pool), size);
            }
            Volume.radax("mkfs", pool.toString()).refused(1, "--size");
            Volume.radax("mkfs", "--size=16M", "--mode=999", pool.toString()).refused(1, "999");
            Volume.radax("mkfs", "--size=16M", "--group=nosuchgroup", pool.toString())
                    .refused(1, "nosuchgroup");
            Volume.radax("mkfs", "--size=16M", "--uuid=x", pool.toString()).refused(1, "uuid");
            Volume.radax("mkfs", "--size=16M", "--label=" + "l".repeat(33), pool.toString())
                    .refused(1, "label");
            Volume.radax(
                            "mkfs",
                            "--size=16M",
                            volume.scratch().resolve("no/such/p").toString())
                    .refused(1, "no/such/p");
            assertFalse(Files.exists(pool));
        }
    }

    @Test
    void shouldNotOverwriteWithoutForce() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            String before = FileTrees.hash(volume.pool());
            Volume.radax("mkfs", "--size=64M", volume.pool().toString()).refused(1, "--force");
            assertEquals(before, FileTrees.hash(volume.pool()));
            Path text = volume.scratch().resolve("text");
            Files.writeString(text, "x".repeat(20 << 20));
            Volume.radax("mkfs", text.toString()).refused(1, "--force");

            Volume.radax("mkfs", "--force", "--size=64M", volume.pool().toString())
                    .ok();
        }
    }

    @Test
    void shouldRefuseMissingThings() throws Exception {
        Volume.radax("mount", "/no/such/pool", "/tmp").refused(32, "/no/such/pool");
        Volume.radax("umount", "/no/such/dir").refused(32, "/no/such/dir");
        Volume.radax("umount", "/tmp").refused(32, "/tmp");
        Volume.radax("info", "/no/such/pool").refused(1, "/no/such/pool");
        Volume.radax("fsck", "/no/such/pool").refused(8, "/no/such/pool");
        Volume.radax("dump", "/no/such/pool", "super").refused(1, "/no/such/pool");
    }

    @Test
    void shouldSayThatTheDeviceIsMissing() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            // A mount namespace of its own with a /dev that has only what bash and the JVM need; the pool is bound in.
            String script = "set -e; d=$(mktemp -d); mount -t tmpfs none $d; "
                    + "mknod -m 666 $d/null c 1 3; mknod -m 666 $d/urandom c 1 9; mknod -m 666 $d/random c 1 8; "
                    + "ln -s /proc/self/fd $d/fd; mkdir $d/shm; mount --bind /dev/shm $d/shm; "
                    + "mount --rbind $d /dev; exec \"$@\"";
            Run.of(
                            "unshare",
                            "-m",
                            "bash",
                            "-c",
                            script,
                            "bash",
                            Environment.launcher().toString(),
                            "mount",
                            volume.pool().toString(),
                            volume.directory().toString())
                    .refused(32, "/dev/fuse", "modprobe");
        }
    }

    @Test
    void shouldSayThatPermissionIsMissing() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Run.of("chmod", "755", volume.pool().getParent().toString()).ok();
            asNobody("info", volume.pool().toString()).refused(1, "ermission denied");
            asNobody("fsck", "-y", volume.pool().toString()).refused(8, "ermission denied");
            Run mount = asNobody(
                    "mount", volume.pool().toString(), volume.directory().toString());
            mount.refused(mount.code());
            assertTrue(mount.code() != 0, mount::toString);
            assertFalse(Volume.isMountPoint(volume.directory()));
        }
    }

    private static Run asNobody(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                Environment.launcher().toString()));
        command.addAll(List.of(arguments));
        return Run.of(null, Map.of(), command);
    }

    private static void refusedEverywhere(Volume volume, Path pool, String name)
            throws IOException, InterruptedException {
        String before = FileTrees.hash(pool);
        Volume.radax("mount", pool.toString(), volume.directory().toString()).refused(32, name);
        Volume.radax("fsck", "-y", pool.toString()).refused(8, name);
        Volume.radax("info", pool.toString()).refused(1, name);
        Volume.radax("dump", pool.toString(), "super").refused(1, name);
        assertEquals(before, FileTrees.hash(pool), "changed: " + pool);
        assertFalse(Volume.isMountPoint(volume.directory()));
    }
}
