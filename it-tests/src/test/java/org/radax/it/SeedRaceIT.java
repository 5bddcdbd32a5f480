package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.os.LibC;
import org.radax.core.os.PageScan;
import org.radax.core.os.RawMemory;
import org.radax.it.harness.Environment;
import org.radax.it.harness.StoreProgram;

/**
 * The race of the seed thread (D06) on the real kernel interface: one process stores ten million times, another makes
 * durable what was stored. First write-protect, then write back, and nothing is lost; the other way round, some is.
 */
@Timeout(300)
final class SeedRaceIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 1024;
    private static final long STORES = 10_000_000;

    @Test
    void d06ShouldLoseNothingInTheRightOrder() throws Exception {
        assertEquals(0, lostPages(true));
    }

    @Test
    void d06ShouldLosePagesInTheOtherOrder() throws Exception {
        int lost = 0;
        // On a machine that is busy the two may not run at once.
        for (int attempt = 0; attempt < 20 && lost == 0; attempt++) {
            lost = lostPages(false);
        }
        assertTrue(lost > 0);
    }

    private static int lostPages(boolean protectsFirst) throws Exception {
        Environment.needsMount();
        long bytes = (long) PAGES * PAGE;
        Path file = Files.createTempFile(Path.of("/dev/shm"), "radax-it", ".race");
        long durable = RawMemory.allocate(bytes);
        try (RandomAccessFile sized = new RandomAccessFile(file.toFile(), "rw")) {
            sized.setLength(bytes);
            int fd = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            long stored = LibC.INSTANCE.mmap(0, bytes, LibC.PROT_READ, LibC.MAP_SHARED, fd, 0);
            RawMemory.copy(stored, durable, bytes);
            try (StoreProgram program = StoreProgram.start(file, bytes, STORES)) {
                PageScan scan = new PageScan();
                int pagemap = LibC.INSTANCE.open(program.pagemap().toString(), LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
                program.go();
                Range range = new Range(scan, pagemap, program.address(), stored, durable);
                while (!program.isDone()) {
                    if (protectsFirst) {
                        range.writeBack(range.takeWritten());
                    } else {
                        range.writeBack(range.findWritten());
                        range.takeWritten();
                    }
                }
                range.writeBack(range.takeWritten());
                LibC.INSTANCE.close(pagemap);
            }
            int lost = 0;
            for (long at = 0; at < bytes; at += PAGE) {
                lost += RawMemory.getLong(stored + at) == RawMemory.getLong(durable + at) ? 0 : 1;
            }
            LibC.INSTANCE.munmap(stored, bytes);
            LibC.INSTANCE.close(fd);
            return lost;
        } finally {
            RawMemory.free(durable);
            Files.delete(file);
        }
    }

    /** What the program has mapped, and what is durable of it. */
    private record Range(PageScan scan, int pagemap, long address, long stored, long durable) {
        private static final long BYTES = (long) PAGES * PAGE;

        List<long[]> takeWritten() {
            List<long[]> ranges = new ArrayList<>();
            int errno = scan.takeWritten(
                    pagemap, address, address + BYTES, (start, end) -> ranges.add(new long[] {start, end}));
            assertEquals(0, errno);
            return ranges;
        }

        List<long[]> findWritten() {
            List<long[]> ranges = new ArrayList<>();
            int errno = scan.findWritten(
                    pagemap, address, address + BYTES, (start, end) -> ranges.add(new long[] {start, end}));
            assertEquals(0, errno);
            return ranges;
        }

        void writeBack(List<long[]> ranges) {
            for (long[] range : ranges) {
                RawMemory.copy(stored + (range[0] - address), durable + (range[0] - address), range[1] - range[0]);
            }
        }
    }
}
