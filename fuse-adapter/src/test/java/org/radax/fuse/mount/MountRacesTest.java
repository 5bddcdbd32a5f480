package org.radax.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.os.LibC;
import org.radax.fuse.MemoryFileSystem;

/** Somebody who owns a directory above a mount point, and changes it after root has looked at it. */
final class MountRacesTest {
    @TempDir
    Path directory;

    @BeforeEach
    void needRoot() {
        Assumptions.assumeTrue(LibC.INSTANCE.geteuid() == 0, "mounting as root takes root");
    }

    private void assertMountsNowhere(Path place) throws Exception {
        KernelTransport transport = new KernelTransport();
        MountException e = assertThrows(
                MountException.class,
                () -> transport.mount(new MemoryFileSystem(), MountOptions.defaults(place, "pool")));
        assertTrue(e.getMessage().contains("symbolic links"), e.getMessage());
        assertEquals(
                0,
                MountPoints.all().stream()
                        .filter(mounted -> mounted.mountPoint().startsWith(directory))
                        .count());
    }

    @Test
    void shouldNotFollowALinkThatTookThePlaceOfTheMountPoint() throws Exception {
        Path victim = Files.createDirectory(directory.resolve("victim"));
        assertMountsNowhere(Files.createSymbolicLink(directory.resolve("mnt"), victim));
    }

    @Test
    void shouldNotFollowALinkAboveTheMountPoint() throws Exception {
        Path victim = Files.createDirectories(directory.resolve("victim/mnt"));
        Path above = Files.createSymbolicLink(directory.resolve("above"), victim.getParent());
        assertMountsNowhere(above.resolve("mnt"));
    }

    @Test
    void shouldNotUnmountThroughALink() throws Exception {
        Path victim = Files.createDirectory(directory.resolve("victim"));
        FuseMount mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(victim, "pool"));
        try {
            Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
            assertThrows(MountException.class, () -> MountPoints.unmount(link));
            assertTrue(mount.isMounted());
        } finally {
            mount.close();
        }
    }
}
