package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** {@code fsck -n} changes no byte of a pool, whatever it finds; {@code -y} does. */
final class FsckIT {
    private static final int ERRORS_LEFT = 4;
    private static final int SUPERBLOCK_BYTES = 4096;
    private static final int DAMAGED_BYTES = 4 << 20;

    private static Volume filled() throws Exception {
        Environment.needsMount();
        Volume volume = Volume.mounted("32M");
        for (int i = 0; i < 200; i++) {
            Files.write(volume.directory().resolve("file" + i), new byte[100 * i]);
        }
        return volume;
    }

    /** @return what it said */
    private static Run lookOnly(Path pool) throws Exception {
        byte[] before = Files.readAllBytes(pool);
        Object time = Files.getLastModifiedTime(pool);
        Run run = Volume.radax("fsck", "-n", pool.toString());
        assertArrayEquals(before, Files.readAllBytes(pool));
        assertEquals(time, Files.getLastModifiedTime(pool));
        return run;
    }

    @Test
    void shouldLeaveAnUncleanPoolAsItIs() throws Exception {
        try (Volume volume = filled()) {
            Run.of("kill", "-KILL", Long.toString(volume.daemonPid())).ok();
            Run.of("umount", "-l", volume.directory().toString()).ok();
            lookOnly(volume.pool());
            volume.mount();
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldLeaveADamagedPoolAsItIs() throws Exception {
        try (Volume volume = filled()) {
            volume.unmount();
            byte[] bytes = Files.readAllBytes(volume.pool());
            Random random = new Random(1);
            for (int i = 0; i < 500; i++) {
                int at = SUPERBLOCK_BYTES + random.nextInt(DAMAGED_BYTES);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(volume.pool(), bytes);
            lookOnly(volume.pool()).code(ERRORS_LEFT);
            assertRepairChanges(volume.pool());
            lookOnly(volume.pool());
        }
    }

    private static void assertRepairChanges(Path pool) throws Exception {
        byte[] before = Files.readAllBytes(pool);
        Volume.radax("fsck", "-y", pool.toString());
        assertFalse(Arrays.equals(before, Files.readAllBytes(pool)), "nothing was repaired");
    }
}
