package org.radax.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.os.LibC;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.session.Device;

final class MountPointsTest {
    @TempDir
    Path directory;

    @Test
    void shouldParseAMountWithEscapes() {
        Mounted mounted = MountTable.parse("83 29 0:45 / /mnt/a\\040b\\134c ro,nosuid,relatime shared:5 master:1 - "
                + "fuse.radax /pools/p\\0401 rw,user_id=1000,group_id=7,max_read=131072");
        assertEquals(new Mounted(Path.of("/mnt/a b\\c"), "/pools/p 1", true, "0:45", 1000), mounted);
        assertNull(MountTable.parse("83 29 0:45 / /mnt ro - fuse.other /pools/p rw"));
        assertNull(MountTable.parse("nonsense"));
        assertNull(MountTable.parse("83 29 0:45 - fuse.radax"));
        assertEquals("a\\9", MountTable.unescape("a\\9"));
    }

    private static String refusal(Path target, boolean nonEmpty) {
        return assertThrows(MountException.class, () -> MountPoints.check(target, nonEmpty))
                .getMessage();
    }

    @Test
    void shouldRefuseBadMountPointsWithOneLineThatHelps() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertTrue(refusal(directory.resolve("none"), false).contains("does not exist"));
        assertTrue(refusal(file, false).contains("not a directory"));
        assertTrue(refusal(directory, false).contains("nonempty"));
        assertEquals(directory.toRealPath(), MountPoints.check(directory, true));
    }

    @Test
    void shouldRefuseToUnmountWhatIsNotMounted() {
        MountException e = assertThrows(MountException.class, () -> MountPoints.unmount(directory));
        assertEquals(directory + " is not mounted", e.getMessage());
    }

    /** What a killed server leaves: a mount whose last descriptor is closed. */
    private void leaveDeadMount() {
        Device device = Device.open();
        String data = "fd=" + device.fd() + ",rootmode=40000,user_id=0,group_id=0";
        assertEquals(
                0,
                LibC.INSTANCE.mount("pool", directory.toString(), MountTable.TYPE, 0, data),
                "these tests mount: they need root and /dev/fuse");
        device.close();
    }

    @Test
    void shouldCleanUpDeadMountsBeforeMounting() throws Exception {
        assertFalse(MountPoints.isDead(directory));
        leaveDeadMount();
        assertTrue(MountPoints.isDead(directory));
        assertTrue(MountPoints.find(directory).isPresent());
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(directory, "pool"));
        mount.unmount();
        leaveDeadMount();
        MountPoints.cleanUpDead(directory);
        assertFalse(MountPoints.isDead(directory));
        assertTrue(MountPoints.find(directory).isEmpty());
    }

    @Test
    void shouldTellFusermountTheSourceUnharmed() {
        MountOptions o = new MountOptions(
                directory,
                "a,b\\c",
                true,
                CachePolicy.AUTO,
                1,
                true,
                true,
                false,
                false,
                false,
                Atime.NOATIME,
                false,
                TransportKind.KERNEL);
        assertEquals(
                "subtype=radax,fsname=a\\,b\\\\c,default_permissions,allow_other,ro,noexec,noatime",
                Fusermount.options(o));
    }
}
