package org.radax.it;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;
import org.radax.it.harness.Environment;
import org.radax.it.harness.PowerCut;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** Power cuts of a mount that records which lines are durable: what a sync call returned for is there. */
@Timeout(300)
final class PowerCutIT {
    private static final int PAGE = 4096;
    private static final int SIZE = 64 * PAGE;

    /** Begins in the middle of a page, and is one request. */
    private static final int PIECE = 200 * PAGE + 100;

    private static final int PIECES = 4;
    private static final String ENGINE = "org.radax.core.writeback.Writeback";

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
        Environment.needsKernelTransport("mapping files onto the pool");
    }

    private static Volume recorded() throws Exception {
        return Volume.mounted("32M", "--dax=always", "--domain=recorder");
    }

    private static Path preallocated(Volume volume) throws Exception {
        Path file = volume.directory().resolve("file");
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            channel.write(ByteBuffer.allocate(SIZE));
        }
        return file;
    }

    /** The ways to store, to sync and to close (D21), and a freeze. */
    enum Flow {
        MAP_STORE_MSYNC_CLOSE {
            @Override
            void run(Path file) throws Exception {
                try (DaxFile dax = DaxFile.openForWriting(file);
                        DaxMapping mapping = dax.map(0, SIZE)) {
                    store(mapping);
                    mapping.force();
                }
            }
        },
        MAP_STORE_FSYNC_CLOSE {
            @Override
            void run(Path file) throws Exception {
                try (DaxFile dax = DaxFile.openForWriting(file);
                        DaxMapping mapping = dax.map(0, SIZE)) {
                    store(mapping);
                    fsync(file);
                }
            }
        },
        MAP_STORE_UNMAP_FSYNC_CLOSE {
            @Override
            void run(Path file) throws Exception {
                try (DaxFile dax = DaxFile.openForWriting(file);
                        DaxMapping mapping = dax.map(0, SIZE)) {
                    store(mapping);
                }
                fsync(file);
            }
        },
        MAP_STORE_SYNC {
            @Override
            void run(Path file) throws Exception {
                try (DaxFile dax = DaxFile.openForWriting(file);
                        DaxMapping mapping = dax.map(0, SIZE)) {
                    store(mapping);
                    Volume.radax("sync", file.getParent().toString()).ok();
                }
            }
        },
        MAP_STORE_FREEZE {
            @Override
            void run(Path file) throws Exception {
                try (DaxFile dax = DaxFile.openForWriting(file);
                        DaxMapping mapping = dax.map(0, SIZE)) {
                    store(mapping);
                    Volume.radax("freeze", file.getParent().toString()).ok();
                    Volume.radax("thaw", file.getParent().toString()).ok();
                }
            }
        },
        OPEN_MAP_CLOSE_STORE_MSYNC {
            @Override
            void run(Path file) throws Exception {
                DaxMapping kept;
                try (DaxFile dax = DaxFile.openForWriting(file)) {
                    kept = dax.map(0, SIZE);
                }
                try (DaxMapping mapping = kept) {
                    store(mapping);
                    mapping.force();
                }
            }
        };

        abstract void run(Path file) throws Exception;

        static void store(DaxMapping mapping) throws Exception {
            ByteBuffer buffer = mapping.buffer(0, SIZE);
            for (int page = 1; page < SIZE / PAGE; page += 3) {
                buffer.putLong(page * PAGE + 8 * page, 1000L + page);
            }
        }

        static void fsync(Path file) throws Exception {
            try (FileChannel channel = FileChannel.open(file, WRITE)) {
                channel.force(true);
            }
        }
    }

    private static boolean isThere(Path pool) throws Exception {
        byte[] content = PowerCut.read(pool, "file");
        if (content == null || content.length != SIZE) {
            return false;
        }
        ByteBuffer seen = ByteBuffer.wrap(content).order(java.nio.ByteOrder.nativeOrder());
        for (int page = 1; page < SIZE / PAGE; page += 3) {
            if (seen.getLong(page * PAGE + 8 * page) != 1000L + page) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource
    void d21ShouldBeDurableAfterItsSyncCall(Flow flow) throws Exception {
        try (Volume volume = recorded()) {
            Path file = preallocated(volume);
            flow.run(file);
            for (Path image : PowerCut.now(volume, 3, 1)) {
                assertTrue(isThere(image), image.toString());
                Run.of(Environment.launcher().toString(), "fsck", "-n", image.toString())
                        .ok();
            }
        }
    }

    /** As above, into a hole: blocks, their state and the size are owed as well (D19). */
    @Test
    void d19ShouldCommitWhatShowsTheData() throws Exception {
        try (Volume volume = recorded()) {
            Path file = volume.directory().resolve("file");
            try (java.io.RandomAccessFile made = new java.io.RandomAccessFile(file.toFile(), "rw")) {
                made.setLength(SIZE);
            }
            Flow.MAP_STORE_MSYNC_CLOSE.run(file);
            for (Path image : PowerCut.now(volume, 3, 1)) {
                assertTrue(isThere(image), image.toString());
            }
        }
    }

    /** The recorder notices: without the engine's write-backs the same is lost. */
    @Test
    void shouldLoseWhatTheEngineDoesNotWriteBack() throws Exception {
        try (Volume volume = recorded()) {
            Path file = preallocated(volume);
            PowerCut.suppressWriteBacks(volume, ENGINE);
            Flow.MAP_STORE_FSYNC_CLOSE.run(file);
            boolean anyLost = false;
            for (Path image : PowerCut.now(volume, 3, 1)) {
                anyLost |= !isThere(image);
            }
            assertTrue(anyLost);
        }
    }

    /** What was stored and never synced may be lost, and is, in the worst case. */
    @Test
    void shouldPromiseNothingWithoutASync() throws Exception {
        try (Volume volume = recorded()) {
            Path file = preallocated(volume);
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, SIZE)) {
                Flow.store(mapping);
                assertFalse(isThere(PowerCut.now(volume, 0, 1).get(0)));
            }
        }
    }

    /**
     * Mappers, writers, truncaters and punchers at once; each page that a force returned for, and nobody took away since,
     * is in every image. Each mapper has pages of its own: what is where is known without a lock.
     */
    @Test
    void shouldKeepWhatWasForcedAmongTruncatersAndPunchers() throws Exception {
        long seconds = Environment.nightly() ? 60 : 8;
        try (Volume volume = Volume.mounted("64M", "--dax=always", "--domain=recorder")) {
            Path file = volume.directory().resolve("file");
            int mappers = 3;
            int pages = 512;
            try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
                channel.write(ByteBuffer.allocate(pages * PAGE));
            }
            long[] forced = new long[pages];
            AtomicBoolean ending = new AtomicBoolean();
            List<Throwable> failures = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < mappers; i++) {
                int number = i;
                threads.add(new Thread(() -> guarded(failures, () -> mapper(file, number, mappers, forced, ending))));
            }
            threads.add(new Thread(() -> guarded(failures, () -> disturber(file, pages, ending))));
            threads.forEach(Thread::start);
            List<Path> images = List.of();
            long[] before = new long[0];
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            for (int cut = 0; System.nanoTime() < end && failures.isEmpty(); cut++) {
                Thread.sleep(1500);
                before = forced.clone();
                images = PowerCut.now(volume, 2, cut);
                for (Path image : images) {
                    check(image, before);
                    Files.delete(image);
                }
            }
            ending.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            if (!failures.isEmpty()) {
                throw new AssertionError(failures.toString(), failures.get(0));
            }
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Power cuts amid overwrites, of a mount for which each write is all or nothing; past the page cache, which cuts some. */
    @Test
    void shouldTearNoWriteWhereDataIsAtomic() throws Exception {
        try (Volume volume = Volume.mounted("32M", "--data=atomic", "--cache=none", "--domain=recorder")) {
            Path file = volume.directory().resolve("file");
            AtomicBoolean ending = new AtomicBoolean();
            List<Throwable> failures = new ArrayList<>();
            try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
                channel.write(ByteBuffer.allocate(PIECES * PIECE));
                Thread writer = new Thread(() -> guarded(failures, () -> overwrite(channel, ending)));
                writer.start();
                for (int cut = 0; cut < 10; cut++) {
                    Thread.sleep(100);
                    for (Path image : PowerCut.now(volume, 3, cut)) {
                        assertUntorn(image);
                        Files.delete(image);
                    }
                }
                ending.set(true);
                writer.join();
            }
            assertTrue(failures.isEmpty(), failures::toString);
            volume.unmount();
            volume.fsckClean();
        }
    }

    /** Each piece in one write, of bytes that are all the same. */
    private static void overwrite(FileChannel channel, AtomicBoolean ending) throws Exception {
        byte[] bytes = new byte[PIECE];
        for (int round = 1; !ending.get(); round++) {
            Arrays.fill(bytes, (byte) round);
            channel.write(ByteBuffer.wrap(bytes), (long) (round % PIECES) * PIECE);
        }
    }

    private static void assertUntorn(Path image) throws Exception {
        byte[] content = PowerCut.read(image, "file");
        for (int piece = 0; piece < PIECES; piece++) {
            for (int at = piece * PIECE; at < (piece + 1) * PIECE; at++) {
                assertEquals(content[piece * PIECE], content[at], "torn at byte " + at);
            }
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static void guarded(List<Throwable> failures, Work work) {
        try {
            work.run();
        } catch (Exception | Error e) {
            synchronized (failures) {
                failures.add(e);
            }
        }
    }

    /** Counts up in pages of its own, the first half of the file's, and forces them. */
    private static void mapper(Path file, int number, int mappers, long[] forced, AtomicBoolean ending)
            throws Exception {
        int half = forced.length / 2;
        Random random = new Random(number);
        long value = 0;
        while (!ending.get()) {
            try (DaxFile dax = DaxFile.openForWriting(file);
                    DaxMapping mapping = dax.map(0, (long) forced.length * PAGE)) {
                ByteBuffer buffer = mapping.buffer(0, forced.length * PAGE);
                for (int round = 0; round < 100 && !ending.get(); round++) {
                    int page = random.nextInt(half / mappers) * mappers + number;
                    value++;
                    buffer.putLong(page * PAGE + 64 * (page % 60), value);
                    // And one that others cut off and fill.
                    buffer.get((half + random.nextInt(half / 2)) * PAGE);
                    mapping.force((long) page * PAGE, PAGE);
                    forced[page] = value;
                }
            }
        }
    }

    /** In the second half: punches, writes, cuts off and grows again; never below its first quarter. */
    private static void disturber(Path file, int pages, AtomicBoolean ending) throws Exception {
        Random random = new Random(99);
        int half = pages / 2;
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            while (!ending.get()) {
                int page = half + half / 2 + random.nextInt(half / 2);
                channel.truncate((long) page * PAGE + random.nextInt(PAGE));
                channel.write(ByteBuffer.allocate(PAGE), (long) (pages - 1) * PAGE);
                channel.write(ByteBuffer.allocate(3 * PAGE), (long) (half + random.nextInt(half / 2)) * PAGE);
                channel.force(false);
            }
        }
    }

    private static void check(Path image, long[] forced) throws Exception {
        byte[] content = PowerCut.read(image, "file");
        ByteBuffer seen = ByteBuffer.wrap(content).order(java.nio.ByteOrder.nativeOrder());
        for (int page = 0; page < forced.length / 2; page++) {
            long value = seen.getLong(page * PAGE + 64 * (page % 60));
            assertTrue(value >= forced[page], image + ": page " + page + " has " + value + ", forced " + forced[page]);
        }
        assertEquals(
                0,
                Run.of(Environment.launcher().toString(), "fsck", "-n", image.toString())
                        .code());
    }
}
