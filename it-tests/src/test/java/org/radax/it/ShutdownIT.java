package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** The shutdown ioctl: service ends at once, and nothing that was answered is lost. */
final class ShutdownIT {
    private static final long GOINGDOWN = 0x8004587dL;
    private static final int EIO = 5;
    private static final byte[] DATA = "answered".repeat(1000).getBytes(StandardCharsets.US_ASCII);

    private static void shutDown(Path directory) {
        int fd = Posix.LIBC.open(directory.toString(), Posix.O_RDONLY, 0);
        assertEquals(0, Posix.LIBC.ioctl(fd, GOINGDOWN, new int[] {2}), () -> "errno " + Posix.errno());
        Posix.LIBC.close(fd);
    }

    private static void failsWithEio(long result, String call) {
        assertEquals(-1, result, call);
        assertEquals(EIO, Posix.errno(), call);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "writeback", "none"})
    void shouldEndAllServiceAndLoseNothing(String cache) throws Exception {
        try (Volume volume = Volume.mounted("64M", "-o", "cache=" + cache)) {
            Path file = volume.directory().resolve("file");
            int fd = Posix.LIBC.open(file.toString(), Posix.O_CREAT | Posix.O_RDWR, 0644);
            assertEquals(DATA.length, Posix.LIBC.pwrite(fd, DATA, DATA.length, 0));
            assertEquals(0, Posix.LIBC.fsync(fd));
            assertEquals(DATA.length, Posix.LIBC.pread(fd, new byte[DATA.length], DATA.length, 0), "now cached");
            shutDown(volume.directory());

            byte[] buffer = new byte[10];
            failsWithEio(Posix.LIBC.pread(fd, buffer, buffer.length, 0), "read");
            failsWithEio(Posix.LIBC.fsync(fd), "fsync");
            failsWithEio(Posix.LIBC.ftruncate(fd, 1), "ftruncate");
            failsWithEio(Posix.LIBC.mkdir(volume.directory().resolve("d").toString(), 0755), "mkdir");
            failsWithEio(Posix.LIBC.open(file.toString(), Posix.O_RDONLY, 0), "open");
            Posix.LIBC.close(fd);

            Run.of("umount", volume.directory().toString()).ok();
            volume.fsckClean();
            volume.mount();
            assertArrayEquals(DATA, Files.readAllBytes(file));
            assertEquals(1, volume.directory().toFile().list().length);
            shutDown(volume.directory());
            volume.unmount();
            assertTrue(!Volume.isMountPoint(volume.directory()));
        }
    }
}
