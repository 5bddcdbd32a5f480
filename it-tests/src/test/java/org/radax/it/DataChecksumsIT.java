package org.radax.it;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Pools made with {@code --data-checksums}: whatever was done to files through a mount, {@code fsck --data} agrees. */
@Timeout(180)
final class DataChecksumsIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
    }

    private static Path file(Volume volume) throws Exception {
        Path file = volume.directory().resolve("file");
        byte[] bytes = new byte[PAGES * PAGE];
        Arrays.fill(bytes, (byte) 0x5a);
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            channel.write(ByteBuffer.wrap(bytes));
        }
        return file;
    }

    private static Run fsck(Volume volume) throws Exception {
        return Volume.radax("fsck", "--data", "--json", volume.pool().toString());
    }

    private static void assertCompared(Volume volume, long compared, long without) throws Exception {
        JsonObject summary = JsonParser.object().from(fsck(volume).ok().out()).getObject("summary");
        assertEquals(compared, summary.getLong("dataBlocksCompared"));
        assertEquals(without, summary.getLong("dataBlocksWithoutChecksum"));
    }

    /** What is stored to a file that the kernel maps comes as writes of its pages. */
    @Test
    void shouldKeepThemOfWhatIsWrittenAndMapped() throws Exception {
        try (Volume volume = Volume.mountedWithDataChecksums("64M")) {
            Path file = file(volume);
            storeMapped(file);
            try (FileChannel channel = FileChannel.open(file, WRITE)) {
                channel.write(ByteBuffer.allocate(3000), 20 * PAGE + 1000);
            }
            volume.unmount();
            assertCompared(volume, PAGES, 0);
        }
    }

    private static void storeMapped(Path file) {
        int fd = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        long length = (long) PAGES * PAGE;
        long base = LibC.INSTANCE.mmap(0, length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        RawMemory.putLong(base + 10 * PAGE + 8, 42);
        LibC.INSTANCE.munmap(base, length);
        LibC.INSTANCE.close(fd);
    }

    /** A process stores untold: its pages have none while it can, and one again once they are written back. */
    @Test
    void shouldHaveNoneOfWhatAProcessMaps() throws Exception {
        Environment.needsKernelTransport("mapping files onto the pool");
        try (Volume volume = Volume.mountedWithDataChecksums("64M", "--dax=always")) {
            try (DaxFile dax = DaxFile.openForWriting(file(volume));
                    DaxMapping mapping = dax.map(0, 16L * PAGE)) {
                mapping.buffer(0, 16 * PAGE).putLong(5 * PAGE, 1);
                mapping.force(0, 16L * PAGE);
                mapping.buffer(0, 16 * PAGE).putLong(6 * PAGE, 1);
            }
            volume.unmount();
            // Page 6 was found to be stored to when the process let go.
            assertCompared(volume, PAGES - 15, 15);
            volume.mount();
            try (FileChannel channel = FileChannel.open(volume.directory().resolve("file"), WRITE)) {
                channel.write(ByteBuffer.allocate(16 * PAGE), 0);
            }
            volume.unmount();
            assertCompared(volume, PAGES, 0);
        }
    }

    @Test
    void shouldNameTheFileOfABlockThatIsNotWhatWasWritten() throws Exception {
        try (Volume volume = Volume.mountedWithDataChecksums("64M")) {
            file(volume);
            volume.unmount();
            flip(volume.pool());
            Run run = fsck(volume);
            assertEquals(4, run.code());
            assertTrue(run.out().contains("file block 7: not what was written there"), run.out());
            assertEquals(0, Volume.radax("fsck", "-n", volume.pool().toString()).code());
            volume.mount();
            Run scrub = Volume.radax("scrub", volume.directory().toString());
            assertEquals(4, scrub.code());
            assertTrue(scrub.out().contains("file block 7"), scrub.out());
        }
    }

    /** A bit in the middle of the file's eighth page, wherever its bytes begin. */
    private static void flip(Path pool) throws Exception {
        try (FileChannel channel = FileChannel.open(pool, READ, WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(PAGE);
            byte[] data = new byte[PAGE];
            Arrays.fill(data, (byte) 0x5a);
            for (long at = 0; at < channel.size(); at += PAGE) {
                channel.read(block.clear(), at);
                if (Arrays.equals(data, block.array())) {
                    channel.write(ByteBuffer.wrap(new byte[] {0x5b}), at + 7L * PAGE + 100);
                    return;
                }
            }
        }
        throw new AssertionError("the file's bytes are not in the pool");
    }
}
