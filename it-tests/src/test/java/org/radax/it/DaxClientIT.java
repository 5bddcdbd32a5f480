package org.radax.it;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.PointerBytesStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.dax.DaxException;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;
import org.radax.it.harness.DaxProgram;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Files mapped straight onto the pool by the Java client. */
@Timeout(180)
final class DaxClientIT {
    private static final int PAGE = 4096;

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
        Environment.needsKernelTransport("mapping files onto the pool");
    }

    private static Volume mounted() throws Exception {
        return Volume.mounted("512M", "--dax=always");
    }

    private static Path file(Volume volume, String name, long bytes) throws IOException {
        Path file = volume.directory().resolve(name);
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(bytes, 1 << 20));
            for (long at = 0; at < bytes; at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), bytes - at));
                channel.write(chunk);
            }
        }
        return file;
    }

    private static Path sparse(Volume volume, String name, long bytes) throws IOException {
        Path file = volume.directory().resolve(name);
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        return file;
    }

    private static byte[] read(Path file, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {}
            return buffer.array();
        }
    }

    private static long freeBlocks(Volume volume) throws Exception {
        return volume.info().getObject("usage").getLong("freeBlocks");
    }

    private static List<String> dirty(Path file) throws Exception {
        JsonArray ranges = JsonParser.object()
                .from(Volume.radax("dirty", "--json", file.toString()).ok().out())
                .getArray("ranges");
        List<String> told = new ArrayList<>();
        for (Object each : ranges) {
            JsonObject range = (JsonObject) each;
            told.add(range.getString("tag") + " " + range.getLong("offset") + "+" + range.getLong("length"));
        }
        return told;
    }

    /** One that is refused, because the mount point has its daemon already, takes nothing away from that. */
    @Test
    void shouldBeServedOnAfterAnotherMountAtTheSamePlace() throws Exception {
        try (Volume volume = mounted();
                Volume other = Volume.formatted("64M")) {
            Volume.radax(
                            "mount",
                            "--dax=always",
                            other.pool().toString(),
                            volume.directory().toString())
                    .refused(32, "served by another daemon");
            assertEquals(1, Volume.mountsAt(volume.directory()));
            try (DaxFile dax = DaxFile.openForWriting(file(volume, "file", PAGE));
                    DaxMapping mapping = dax.map(0, PAGE)) {
                assertEquals(0, mapping.buffer(0, PAGE).get(0));
            }
        }
    }

    @Test
    void shouldShareBytesWithReadAndWrite() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 1 << 20);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 1 << 20);
                    FileChannel channel = FileChannel.open(file, READ, WRITE)) {
                ByteBuffer buffer = mapping.buffer(0, 1 << 20);
                buffer.putLong(5000, 0x1122334455667788L);
                assertArrayEquals(new byte[] {(byte) 0x88, 0x77}, read(file, 5000, 2));
                channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 700_000);
                assertEquals(3, buffer.get(700_002));
                PointerBytesStore bytes = mapping.bytes(1000, 100);
                bytes.writeInt(8, 42);
                assertEquals(42, bytes.readInt(8));
                assertEquals(42, buffer.getInt(1008));
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    @Tag("smoke")
    void shouldTellExactlyTheStoredPagesAndForceThem() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 4 << 20);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 4 << 20)) {
                ByteBuffer buffer = mapping.buffer(0, 4 << 20);
                assertEquals(0, buffer.get(9 * PAGE));
                assertEquals(List.of(), dirty(file));
                buffer.put(3 * PAGE + 7, (byte) 1);
                buffer.put(100 * PAGE, (byte) 1);
                buffer.put(101 * PAGE, (byte) 1);
                assertEquals(List.of("dirty 12288+4096", "dirty 409600+8192"), dirty(file));
                mapping.force(3 * PAGE, 1);
                assertEquals(List.of("dirty 409600+8192"), dirty(file));
                mapping.force();
                assertEquals(List.of(), dirty(file));
                buffer.put(100 * PAGE, (byte) 2);
                assertEquals(List.of("dirty 409600+4096"), dirty(file));
            }
            // Unmapping forces nothing (D21).
            assertEquals(List.of("dirty 409600+4096"), dirty(file));
        }
    }

    @Test
    void shouldFillHolesOnTheFirstStore() throws Exception {
        try (Volume volume = mounted()) {
            long size = 1L << 40;
            Path file = sparse(volume, "sparse", size);
            long free = freeBlocks(volume);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, size)) {
                ByteBuffer far = mapping.buffer(size - (1 << 20), 1 << 20);
                for (int page = 0; page < 256; page++) {
                    assertEquals(0, far.get(page * PAGE));
                }
                assertEquals(free, freeBlocks(volume), "a load takes no block");
                far.putLong(77 * PAGE, 99);
                assertEquals(99, far.getLong(77 * PAGE));
                assertEquals(0, far.getLong(76 * PAGE));
                assertEquals(99, read(file, size - (1 << 20) + 77 * PAGE, 8)[0]);
                mapping.force(size - (1 << 20), 1 << 20);
            }
            long taken = free - freeBlocks(volume);
            assertTrue(taken > 0 && taken <= 520, taken + " blocks");
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldShowWhatAWriteFills() throws Exception {
        try (Volume volume = mounted()) {
            Path file = sparse(volume, "sparse", 8 << 20);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 8 << 20);
                    FileChannel channel = FileChannel.open(file, WRITE)) {
                ByteBuffer buffer = mapping.buffer(0, 8 << 20);
                assertEquals(0, buffer.get(5 * PAGE));
                channel.write(ByteBuffer.wrap(new byte[] {7}), 5 * PAGE);
                assertEquals(7, buffer.get(5 * PAGE));
                buffer.put(5 * PAGE + 1, (byte) 8);
                assertArrayEquals(new byte[] {7, 8}, read(file, 5 * PAGE, 2));
            }
        }
    }

    @Test
    void shouldFollowTheEndOfTheFile() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 10 * PAGE);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 1 << 20);
                    FileChannel channel = FileChannel.open(file, WRITE)) {
                ByteBuffer buffer = mapping.buffer(0, 1 << 20);
                buffer.put(9 * PAGE, (byte) 1);
                assertThrows(InternalError.class, () -> touch(buffer, 10 * PAGE));
                channel.truncate(4 * PAGE);
                assertThrows(InternalError.class, () -> touch(buffer, 9 * PAGE));
                assertEquals(0, buffer.get(3 * PAGE));
                channel.write(ByteBuffer.wrap(new byte[] {5}), 12 * PAGE);
                assertEquals(0, buffer.get(9 * PAGE), "cut off and grown again: zeroes");
                assertEquals(5, buffer.get(12 * PAGE));
                buffer.put(10 * PAGE, (byte) 6);
                assertEquals(6, read(file, 10 * PAGE, 1)[0]);
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Loads and raises what that left behind. */
    private static void touch(ByteBuffer buffer, int at) {
        byte seen = buffer.get(at);
        byte[][] raises = new byte[seen & 0][0];
        if (raises.length > 0) {
            throw new AssertionError();
        }
    }

    @Test
    void shouldSeeThePunchedAsZeroes() throws Exception {
        try (Volume volume = mounted()) {
            Environment.needsProgram("xfs_io");
            Path file = file(volume, "file", 4 << 20);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 4 << 20)) {
                ByteBuffer buffer = mapping.buffer(0, 4 << 20);
                for (int page = 0; page < 1024; page++) {
                    buffer.put(page * PAGE, (byte) 9);
                }
                Run.of("xfs_io", "-c", "fpunch 1m 1m", file.toString()).ok();
                assertEquals(9, buffer.get((1 << 20) - PAGE));
                assertEquals(0, buffer.get(1 << 20));
                assertEquals(0, buffer.get((2 << 20) - PAGE));
                assertEquals(9, buffer.get(2 << 20));
                buffer.put((1 << 20) + 5, (byte) 3);
                assertEquals(3, read(file, (1 << 20) + 5, 1)[0]);
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldRefuseClearly() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path file = file(volume, "file", PAGE);
            DaxException notDax = assertThrows(DaxException.class, () -> DaxFile.openForWriting(file));
            assertEquals(DaxException.Reason.NOT_DAX, notDax.reason());
            DaxException notRadax =
                    assertThrows(DaxException.class, () -> DaxFile.openForReading(Path.of("/etc/hostname")));
            assertEquals(DaxException.Reason.NOT_RADAX, notRadax.reason());
            Volume.radax("dax", "set", file.toString()).ok();
            try (DaxFile dax = DaxFile.openForReading(file);
                    DaxMapping mapping = dax.map(0, PAGE)) {
                assertTrue(mapping.buffer(0, PAGE).isReadOnly());
                Volume.radax("dax", "clear", file.toString()).refused(1, "busy");
            }
            Volume.radax("dax", "clear", file.toString()).ok();
        }
    }

    @Test
    void shouldTellStoresByTheFilesTimes() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 4 * PAGE);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 4 * PAGE)) {
                ByteBuffer buffer = mapping.buffer(0, 4 * PAGE);
                buffer.put(0, (byte) 1);
                mapping.force();
                FileTime before = Files.getLastModifiedTime(file);
                Thread.sleep(20);
                assertEquals(before, Files.getLastModifiedTime(file));
                assertEquals(1, buffer.get(0));
                assertEquals(before, Files.getLastModifiedTime(file), "a load changes nothing");
                buffer.put(1, (byte) 1);
                assertTrue(Files.getLastModifiedTime(file).compareTo(before) > 0);
            }
        }
    }

    @Test
    void shouldServeSeveralProcesses() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 1 << 20);
            try (DaxProgram other = DaxProgram.start(file);
                    DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 1 << 20)) {
                ByteBuffer buffer = mapping.buffer(0, 1 << 20);
                assertEquals("mapped", other.ask("map 0 1048576"));
                assertEquals("stored", other.ask("put 40960 5"));
                assertEquals(5, buffer.get(40960));
                buffer.put(81920, (byte) 6);
                assertEquals("6", other.ask("get 81920"));
                assertEquals(List.of("dirty 40960+4096", "dirty 81920+4096"), dirty(file));
                mapping.force();
                assertEquals(List.of(), dirty(file), "force covers what others stored");
                JsonArray clients = JsonParser.object()
                        .from("{\"c\":"
                                + Volume.radax(
                                                "clients",
                                                "--json",
                                                volume.directory().toString())
                                        .ok()
                                        .out()
                                + "}")
                        .getArray("c");
                assertEquals(2, clients.size());
                JsonObject first = clients.getObject(0).getArray("files").getObject(0);
                assertEquals(file.toString(), first.getString("path"));
                assertEquals(1 << 20, first.getLong("mappedBytes"));
                Run busy = Volume.radax("umount", volume.directory().toString());
                assertEquals(32, busy.code(), "a mapping keeps the mount busy");
            }
        }
    }

    @Test
    void shouldKeepWhatAKilledProcessStored() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 1 << 20);
            try (DaxProgram other = DaxProgram.start(file)) {
                assertEquals("mapped", other.ask("map 0 1048576"));
                assertEquals("stored", other.ask("put 40960 5"));
                other.kill();
            }
            awaitNoClients(volume);
            assertEquals(List.of("dirty 0+1048576"), dirty(file), "nobody can say what it stored");
            Volume.radax("sync", file.toString()).ok();
            assertEquals(List.of(), dirty(file));
            assertEquals(5, read(file, 40960, 1)[0]);
            volume.cycle();
            assertEquals(5, read(file, 40960, 1)[0]);
        }
    }

    private static void awaitNoClients(Volume volume) throws Exception {
        while (!Volume.radax("clients", volume.directory().toString())
                .ok()
                .out()
                .isEmpty()) {
            Thread.sleep(50);
        }
    }

    @Test
    void shouldOutliveItsNames() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 1 << 20);
            long free = freeBlocks(volume);
            DaxMapping kept;
            try (DaxFile dax = DaxFile.openForWriting(file)) {
                kept = dax.map(0, 1 << 20);
            }
            try (DaxMapping mapping = kept) {
                Files.delete(file);
                ByteBuffer buffer = mapping.buffer(0, 1 << 20);
                buffer.putLong(512, 77);
                Path other = file(volume, "other", 8 << 20);
                assertEquals(77, buffer.getLong(512));
                mapping.force();
                Files.delete(other);
            }
            assertTrue(freeBlocks(volume) >= free + 256, "it is gone with its last mapping");
            volume.unmount();
            volume.fsckClean();
        }
    }

    @Test
    void shouldKeepBlocksFromWhoDoesNotLetGo() throws Exception {
        try (Volume volume = Volume.mounted("128M", "--dax=always")) {
            int mapped = 32 << 20;
            Path file = file(volume, "file", mapped);
            try (DaxProgram other = DaxProgram.start(file)) {
                assertEquals("mapped", other.ask("map 0 " + mapped));
                assertEquals("stored", other.ask("put 4096 5"));
                other.stop();
                try (FileChannel channel = FileChannel.open(file, WRITE)) {
                    channel.truncate(0);
                }
                assertTrue(Volume.radax("clients", volume.directory().toString())
                        .ok()
                        .out()
                        .contains("does not answer"));
                long withheld = fill(volume.directory().resolve("filler"));
                other.go();
                assertEquals("error", other.ask("get 4096"), "what it had was taken from it");
                other.kill();
                awaitNoClients(volume);
                long more = fill(volume.directory().resolve("more"));
                assertTrue(more >= mapped - (1 << 20), more + " bytes more, after " + withheld);
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Writes until there is no room; returns the bytes. */
    private static long fill(Path file) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
        long written = 0;
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            while (true) {
                chunk.clear();
                written += channel.write(chunk);
            }
        } catch (IOException e) {
            return written;
        }
    }

    @Test
    void shouldTakeEverythingBackWhenTheDaemonIsKilled() throws Exception {
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", 8 * PAGE);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 64 * PAGE)) {
                ByteBuffer buffer = mapping.buffer(0, 64 * PAGE);
                buffer.putLong(0, 1234);
                mapping.force();
                ProcessHandle daemon = ProcessHandle.of(volume.daemonPid()).orElseThrow();
                daemon.destroyForcibly();
                daemon.onExit().join();
                assertThrows(InternalError.class, () -> {
                    while (true) {
                        touch(buffer, 0);
                    }
                });
                DaxException gone = assertThrows(DaxException.class, mapping::force);
                assertEquals(DaxException.Reason.GONE, gone.reason());
                volume.mount();
                assertEquals(
                        0x4d2,
                        ByteBuffer.wrap(read(file, 0, 8))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong());
            }
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, PAGE)) {
                assertEquals(1234, mapping.buffer(0, 8).getLong(0));
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** The pool's owner, group and mode decide; that root needs no permission is taken from it. */
    @Test
    void shouldBeForThoseWhoMayOpenThePool() throws Exception {
        Environment.needsProgram("setpriv");
        List<String> powerless = List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");
        try (Volume volume = mounted()) {
            Path file = file(volume, "file", PAGE);
            Run.of("chown", "12345", volume.pool().toString()).ok();
            try (DaxProgram stranger = DaxProgram.start(powerless, file)) {
                assertEquals("POOL_NOT_ACCESSIBLE", stranger.ask("map 0 4096"));
            }
            Run.of("chmod", "0660", volume.pool().toString()).ok();
            try (DaxProgram friend = DaxProgram.start(powerless, file)) {
                assertEquals("mapped", friend.ask("map 0 4096"));
                assertEquals("stored", friend.ask("put 5 6"));
                assertEquals("forced", friend.ask("force"));
            }
            assertEquals(6, read(file, 5, 1)[0]);
        }
    }

    /** One file's bytes are mapped by the kernel or by clients, never both. */
    @Test
    void shouldKeepTheKernelsMappingsAway() throws Exception {
        Environment.needsProgram("xfs_io");
        try (Volume volume = Volume.mounted("64M")) {
            Path file = file(volume, "file", 1 << 20);
            try (FileChannel cached = FileChannel.open(file, READ)) {
                assertEquals(1, cached.read(ByteBuffer.allocate(1)));
                Volume.radax("dax", "set", file.toString()).ok();
                DaxException early = assertThrows(DaxException.class, () -> DaxFile.openForWriting(file));
                assertEquals(DaxException.Reason.NOT_MAPPABLE_NOW, early.reason());
            }
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 1 << 20)) {
                ByteBuffer buffer = mapping.buffer(0, 1 << 20);
                buffer.put(7, (byte) 7);
                Run kernel = Run.of("xfs_io", "-c", "mmap -rw 0 4096", file.toString());
                assertTrue((kernel.out() + kernel.err()).contains("No such device"), kernel.err());
                assertEquals(7, read(file, 7, 1)[0]);
                Run.of("xfs_io", "-c", "pwrite -S 9 8 1", file.toString()).ok();
                assertEquals(9, buffer.get(8));
                assertEquals(7, buffer.get(7));
            }
        }
    }

    /** Loads from holes cost the process some memory, and not as much as it loads from. */
    @Test
    void shouldReadLargeHolesInLittleMemory() throws Exception {
        try (Volume volume = mounted()) {
            int size = 256 << 20;
            Path file = sparse(volume, "sparse", size);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, size)) {
                ByteBuffer buffer = mapping.buffer(0, size);
                long sum = 0;
                for (int at = 0; at < size; at += PAGE) {
                    sum += buffer.getLong(at);
                }
                assertEquals(0, sum);
                long held = zeroBytes();
                assertTrue(held > 0 && held <= 65 << 20, held + " bytes");
                assertEquals(0, buffer.get(5));
                buffer.put(5, (byte) 5);
                assertEquals(5, buffer.get(5));
            }
        }
    }

    /** What this process's memfd for holes takes. */
    private static long zeroBytes() throws Exception {
        long most = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).toString().startsWith("/memfd:radax-holes")) {
                    Path there = Path.of(
                            "/proc",
                            Long.toString(ProcessHandle.current().pid()),
                            "fd",
                            descriptor.getFileName().toString());
                    String blocks = Run.of("stat", "-L", "-c", "%b", there.toString())
                            .ok()
                            .out();
                    most = Math.max(most, 512 * Long.parseLong(blocks.strip()));
                }
            }
        }
        return most;
    }

    /** No room for a store is SIGBUS, until there is room and the page was forced. */
    @Test
    void shouldRefuseStoresOnAFullVolume() throws Exception {
        try (Volume volume = Volume.mounted("32M", "--dax=always")) {
            Path file = sparse(volume, "sparse", 4 << 20);
            Path filler = volume.directory().resolve("filler");
            fill(filler);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, 4 << 20)) {
                ByteBuffer buffer = mapping.buffer(0, 4 << 20);
                int[] refused = {0};
                // A few blocks are left for single pages.
                assertThrows(InternalError.class, () -> {
                    for (; refused[0] < 1024; refused[0]++) {
                        buffer.put(refused[0] * PAGE, (byte) 1);
                        touch(buffer, refused[0] * PAGE);
                    }
                });
                Files.delete(filler);
                mapping.force((long) refused[0] * PAGE, 1);
                buffer.put(refused[0] * PAGE, (byte) 2);
                assertEquals(2, read(file, (long) refused[0] * PAGE, 1)[0]);
            }
            volume.unmount();
            volume.fsckClean();
        }
    }
}
