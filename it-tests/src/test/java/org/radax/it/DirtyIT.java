package org.radax.it;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** What is told of pages that were mapped by the kernel and stored to, and how they are settled. */
final class DirtyIT {
    private static final String PATTERN = "mwrite -S 0x61 4k 8k";

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
        Environment.needsProgram("xfs_io");
    }

    private static Path file(Volume volume) throws Exception {
        Path file = volume.directory().resolve("file");
        // With one write its blocks adjoin.
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            channel.write(ByteBuffer.allocate(64 << 10));
        }
        return file;
    }

    /** Stores to a mapping of the file, and has the kernel write the pages out without a sync. */
    private static void storeAndWriteOut(Path file) throws Exception {
        Run.of("xfs_io", "-c", "mmap -w 0 64k", "-c", PATTERN, "-c", "sync_range -w -b -a 0 64k", file.toString())
                .ok();
    }

    private static JsonArray ranges(Path file) throws Exception {
        JsonObject told = JsonParser.object()
                .from(Volume.radax("dirty", "--json", file.toString()).ok().out());
        assertEquals(file.toString(), told.getString("path"));
        return told.getArray("ranges");
    }

    private static void assertOneRange(Path file, String tag) throws Exception {
        JsonArray ranges = ranges(file);
        assertEquals(1, ranges.size());
        JsonObject range = ranges.getObject(0);
        assertEquals(4096, range.getLong("offset"));
        assertEquals(8192, range.getLong("length"));
        assertEquals(tag, range.getString("tag"));
        assertTrue(range.getLong("poolBlock") > 0);
    }

    @Test
    @Tag("smoke")
    void shouldTellWhatThePageCacheWroteUntilAnFsync() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path file = file(volume);
            assertEquals(0, ranges(file).size());
            storeAndWriteOut(file);
            assertOneRange(file, "reported");
            assertTrue(Volume.radax("dirty", volume.directory().toString())
                    .ok()
                    .out()
                    .matches("(?s)reported +4096 +8192 .*/file\n"));
            Run.of("xfs_io", "-c", "fsync", file.toString()).ok();
            assertEquals(0, ranges(file).size());
        }
    }

    @Test
    void shouldLeavePagesDirtyAndSyncThem() throws Exception {
        try (Volume volume = Volume.mounted("64M", "--lazy-writeback")) {
            Path file = file(volume);
            storeAndWriteOut(file);
            assertOneRange(file, "dirty");
            String explained =
                    Volume.radax("sync", "--explain", file.toString()).ok().out();
            assertTrue(explained.matches("(?s).*pagesWrittenBack: +2\n.*"), explained);
            assertTrue(explained.matches("(?s).*linesWrittenBack: +128\n.*"), explained);
            assertTrue(explained.matches("(?s).*waits: +0\n.*"), explained);
            assertEquals(0, ranges(file).size());
            storeAndWriteOut(file);
            Volume.radax("sync", volume.directory().toString()).ok();
            assertEquals(0, ranges(file).size());
            volume.cycle();
            assertEquals('a', Files.readAllBytes(volume.directory().resolve("file"))[4096]);
        }
    }

    @Test
    void shouldSwitchFilesAndLetThemInherit() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path directory = Files.createDirectory(volume.directory().resolve("d"));
            Volume.radax("dax", "set", directory.toString()).ok();
            Path child = Files.createFile(directory.resolve("child"));
            Path file = file(volume);
            assertEquals(
                    "set    " + child + "\nclear  " + file + "\n",
                    Volume.radax("dax", "get", child.toString(), file.toString())
                            .ok()
                            .out());
            Volume.radax("dax", "clear", child.toString()).ok();
            Volume.radax("dax", "set", file.toString()).ok();
            volume.cycle();
            assertEquals(
                    "clear  " + child + "\nset    " + file + "\n",
                    Volume.radax("dax", "get", child.toString(), file.toString())
                            .ok()
                            .out());
        }
    }

    @Test
    void shouldCountRequestsAndWriteback() throws Exception {
        try (Volume volume = Volume.mounted("64M", "--lazy-writeback")) {
            Path file = file(volume);
            storeAndWriteOut(file);
            Volume.radax("sync", file.toString()).ok();
            String directory = volume.directory().toString();
            JsonObject stats = JsonParser.object()
                    .from(Volume.radax("stats", "--json", directory).ok().out());
            JsonObject writes = stats.getObject("requests").getObject("write");
            assertTrue(writes.getLong("count") >= 2);
            assertTrue(writes.getDouble("p50Micros") > 0);
            assertTrue(writes.getDouble("p50Micros") <= writes.getDouble("maxMicros"));
            assertEquals(2, stats.getObject("writeback").getLong("pagesWritten"));
            assertEquals(128, stats.getObject("writeback").getLong("linesWritten"));
            String metrics =
                    Volume.radax("stats", "--prometheus", directory).ok().out();
            assertTrue(
                    metrics.contains("radax_writeback_pages_written_total{mount=\"" + directory + "\"} 2\n"), metrics);
            assertTrue(
                    metrics.contains("radax_request_seconds_count{mount=\"" + directory + "\",request=\"write\"} "
                            + writes.getLong("count") + "\n"),
                    metrics);
        }
    }

    @Test
    void shouldRefuseWhatIsNotOnAMount() throws Exception {
        Path elsewhere = Files.createTempFile("radax", null);
        try {
            Volume.radax("dirty", elsewhere.toString()).refused(1, elsewhere.toString(), "not on a Radax mount");
            Volume.radax("sync", "/nowhere").refused(1, "/nowhere: no such file");
            Volume.radax("dirty").refused(1, "PATH|DIR");
        } finally {
            Files.delete(elsewhere);
        }
    }
}
