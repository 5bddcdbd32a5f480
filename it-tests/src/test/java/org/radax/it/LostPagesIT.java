package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** The pool file is cut off under a live mount: I/O errors for who needs what is gone, and a daemon that lives on. */
final class LostPagesIT {
    private static final long POOL_BYTES = 128L << 20;

    @Test
    void shouldAnswerWithIoErrorsAndServeTheRest() throws Exception {
        Environment.needsMount();
        try (Volume volume = Volume.mounted("128M", "--cache=none")) {
            Path kept = volume.directory().resolve("kept");
            byte[] content = new byte[3 << 20];
            new Random(1).nextBytes(content);
            Files.write(kept, content);
            Path lost = volume.directory().resolve("lost");
            Files.write(lost, new byte[100 << 20]);

            cut(volume, 64 << 20);

            assertArrayEquals(content, Files.readAllBytes(kept));
            assertTrue(failure(() -> Files.readAllBytes(lost)).contains("Input/output error"));
            try (RandomAccessFile file = new RandomAccessFile(lost.toFile(), "rw")) {
                file.seek(90 << 20);
                assertTrue(failure(() -> file.write(new byte[8192])).contains("Input/output error"));
            }
            Run copied = Run.of(
                    "cp", lost.toString(), volume.directory().resolve("copy").toString());
            assertEquals(1, copied.code());
            try (RandomAccessFile file = new RandomAccessFile(kept.toFile(), "rw")) {
                file.write(new byte[5000]);
            }
            Arrays.fill(content, 0, 5000, (byte) 0);
            assertArrayEquals(content, Files.readAllBytes(kept));
            volume.unmount();

            cut(volume, POOL_BYTES);
            volume.mount();
            assertArrayEquals(content, Files.readAllBytes(kept));
            volume.unmount();
            // The replica superblock lay in what was lost.
            Volume.radax("fsck", "-y", volume.pool().toString()).code(1);
            volume.fsckClean();
        }
    }

    @Test
    void shouldSurviveTheLossOfEverything() throws Exception {
        Environment.needsMount();
        try (Volume volume = Volume.mounted("128M", "--cache=none")) {
            Path file = Files.writeString(volume.directory().resolve("file"), "content");
            long daemon = volume.daemonPid();

            cut(volume, 0);

            assertThrows(IOException.class, () -> Files.readString(file));
            assertThrows(IOException.class, () -> Files.writeString(file, "other"));
            for (int i = 0; i < 100; i++) {
                Path made = volume.directory().resolve("new" + i);
                assertThrows(IOException.class, () -> Files.createFile(made));
            }
            assertThrows(IOException.class, () -> Files.delete(file));
            assertTrue(ProcessHandle.of(daemon).orElseThrow().isAlive());
            volume.unmount();

            cut(volume, POOL_BYTES);
            Volume.radax("mount", volume.pool().toString(), volume.directory().toString())
                    .refused(32, volume.pool().toString());
        }
    }

    private static void cut(Volume volume, long sizeBytes) throws IOException {
        try (RandomAccessFile pool = new RandomAccessFile(volume.pool().toFile(), "rw")) {
            pool.setLength(sizeBytes);
        }
    }

    private static String failure(Executable action) {
        return assertThrows(IOException.class, action).getMessage();
    }
}
