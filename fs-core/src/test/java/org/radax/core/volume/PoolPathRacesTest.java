package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.pool.PoolFile;

/** Pools in a directory of somebody who changes what is there meanwhile. */
@Timeout(120)
final class PoolPathRacesTest {
    private static final int BYTES = 16 << 20;

    @TempDir
    private Path directory;

    /** What was just made is swapped for a link to somebody else's file, as fast as can be. */
    @Test
    void shouldFormatNothingButWhatItMade() throws Exception {
        Path pool = directory.resolve("pool");
        Path victim = directory.resolve("victim");
        byte[] data = new byte[BYTES];
        Arrays.fill(data, (byte) 7);
        Path copy = Files.write(directory.resolve("copy"), data);
        Files.write(victim, data);
        AtomicBoolean isOver = new AtomicBoolean();
        int[] swaps = {0};
        Thread attacker = new Thread(() -> {
            while (!isOver.get()) {
                swaps[0] += swap(pool, victim) ? 1 : 0;
            }
        });
        attacker.start();
        int rounds = System.getProperty("radax.check", "").equals("nightly") ? 2000 : 25;
        for (int round = 0; round < rounds; round++) {
            try {
                Formatter.format(new FormatOptions(pool, BYTES, "", new UUID(1, 2), 0600, -1, false, false));
            } catch (PoolException e) {
                assertTrue(e.errno() == Errno.EACCES || e.errno() == Errno.EEXIST, e.getMessage());
            }
            Files.deleteIfExists(pool);
            assertEquals(-1, Files.mismatch(victim, copy), "round " + round);
        }
        isOver.set(true);
        attacker.join();
        assertTrue(swaps[0] > 0);
    }

    private boolean swap(Path pool, Path victim) {
        try {
            if (!Files.isRegularFile(pool, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
            Files.move(link, pool, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void shouldNotWaitForTheOtherEndOfAFifo() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        for (boolean writable : new boolean[] {false, true}) {
            PoolException e = assertThrows(PoolException.class, () -> PoolFile.open(fifo, writable));
            assertTrue(e.getMessage().contains("not a file"), e.getMessage());
        }
    }
}
