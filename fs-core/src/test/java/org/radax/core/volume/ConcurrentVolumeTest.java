package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;

/** Threads that get into each other's way: no deadlock, only the errors a race allows, a clean volume after it. */
final class ConcurrentVolumeTest {
    private static final int THREADS = 4;
    private static final int NAMES = 10;
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(Long.getLong("radax.race.millis", 2500));
    private static final long WATCHDOG_MILLIS = 60_000;

    /** What may befall an operation whose names others change. */
    private static final Set<Errno> OF_RACES = EnumSet.of(
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.ENOTDIR,
            Errno.EISDIR,
            Errno.ENOTEMPTY,
            Errno.EINVAL,
            Errno.ESTALE,
            Errno.EPERM,
            Errno.ENODATA,
            Errno.ENXIO,
            Errno.ENODEV,
            Errno.ENOSPC);

    @Test
    void shouldSurviveThreadsThatShareEverything() throws Exception {
        race(1, 512L << 20, 0, false);
    }

    /** Groups are brought into use, space runs out, lanes are few. */
    @Test
    void shouldSurviveThreadsOnAFullPool() throws Exception {
        race(2, 16L << 20, 0, false);
    }

    @Test
    void shouldSurviveThreadsThatBringGroupsIntoUse() throws Exception {
        race(3, 250L << 20, 120 << 20, false);
    }

    /** What is about to change is no damage. */
    @Test
    void shouldScrubBesideThreadsThatShareEverything() throws Exception {
        race(4, 512L << 20, 0, true);
    }

    @Test
    void shouldScrubBesideThreadsThatBringGroupsIntoUse() throws Exception {
        race(5, 250L << 20, 120 << 20, true);
    }

    /** As with direct I/O on ext4: an overwrite changes nothing that a reader or another overwrite relies on. */
    @Test
    void shouldOverwriteBesideAReaderThatIsNotDone() throws Exception {
        try (TestVolume v = new TestVolume(32L << 20)) {
            StoppedClock.stopAt(1_700_000_000_000_000_000L);
            long ino = v.create(ROOT_INO, "f");
            v.write(ino, 0, new byte[8192]);
            OpenFile file = v.volume.open(TestVolume.ROOT, ino, 0, false);
            ConcurrentLinkedQueue<Object> written = new ConcurrentLinkedQueue<>();
            v.volume.read(file, 0, 4096, new ReadSink() {
                @Override
                public void segment(long address, long lengthBytes) {}

                @Override
                public void complete() {
                    Thread writer = new Thread(() -> {
                        try {
                            written.add(v.write(ino, 1000, new byte[] {7, 8, 9}));
                        } catch (FsException e) {
                            written.add(e);
                        }
                    });
                    writer.start();
                    try {
                        writer.join(WATCHDOG_MILLIS);
                    } catch (InterruptedException e) {
                        written.add(e);
                    }
                    assertEquals(List.of(3L), List.copyOf(written));
                }
            });
            v.volume.release(file);
            assertArrayEquals(new byte[] {7, 8, 9}, v.read(ino, 1000, 3));
        } finally {
            StoppedClock.release();
        }
    }

    private static void race(long seed, long poolBytes, long ballastBytes, boolean scrubbed) throws Exception {
        try (TestVolume v = new TestVolume(poolBytes)) {
            long free = v.freeBlocks();
            if (ballastBytes > 0) {
                v.fallocate(v.create(ROOT_INO, "ballast"), FileSystem.FALLOC_KEEP_SIZE, 0, ballastBytes);
            }
            ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(seed * 1000 + i);
                Thread thread = new Thread(
                        () -> {
                            try (Racer racer = new Racer(v.volume, random)) {
                                racer.run(stop);
                            } catch (FsException | RuntimeException | Error e) {
                                failures.add(e);
                                stop.set(true);
                            }
                        },
                        "racer-" + i);
                threads.add(thread);
                thread.start();
            }
            AtomicInteger scrubs = new AtomicInteger();
            if (scrubbed) {
                Thread thread = new Thread(() -> scrubUntil(v.volume, stop, scrubs, failures), "scrubber");
                threads.add(thread);
                thread.start();
            }
            watch(threads, stop);
            if (!failures.isEmpty()) {
                throw new AssertionError("seed " + seed, failures.peek());
            }
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings(), "seed " + seed);
            assertTrue(!scrubbed || scrubs.get() > 0);
            TreeSnapshot.of(v);
            v.remount();
            CrashOracle.deleteEverything(v, ROOT_INO);
            assertEquals(free, v.freeBlocks(), "seed " + seed);
            v.volume.close();
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings(), "seed " + seed);
        }
    }

    private static void scrubUntil(
            Volume volume, AtomicBoolean stop, AtomicInteger scrubs, ConcurrentLinkedQueue<Throwable> failures) {
        try {
            while (!stop.get()) {
                assertEquals(
                        List.of(), volume.scrub((done, whole, found) -> true).findings());
                scrubs.incrementAndGet();
            }
        } catch (FsException | RuntimeException | Error e) {
            failures.add(e);
            stop.set(true);
        }
    }

    private static void watch(List<Thread> threads, AtomicBoolean stop) throws InterruptedException {
        long end = System.nanoTime() + RUN_NANOS;
        while (System.nanoTime() < end && !stop.get()) {
            Thread.sleep(20);
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(WATCHDOG_MILLIS);
            if (thread.isAlive()) {
                StringBuilder dump = new StringBuilder("a thread hangs:");
                for (Map.Entry<Thread, StackTraceElement[]> one :
                        Thread.getAllStackTraces().entrySet()) {
                    dump.append('\n').append(one.getKey().getName());
                    for (StackTraceElement element : one.getValue()) {
                        dump.append("\n    ").append(element);
                    }
                }
                throw new AssertionError(dump.toString());
            }
        }
    }

    /** One thread's random operations; errors that a race explains are its daily bread. */
    private static final class Racer implements AutoCloseable {
        private static final int BUFFER_BYTES = 1 << 20;

        private final Volume volume;
        private final Random random;
        private final long buffer = RawMemory.allocate(BUFFER_BYTES);
        private final Attributes a = new Attributes();
        private final List<OpenFile> open = new ArrayList<>();

        Racer(Volume volume, Random random) {
            this.volume = volume;
            this.random = random;
        }

        void run(AtomicBoolean stop) throws FsException {
            while (!stop.get()) {
                try {
                    step();
                } catch (FsException e) {
                    if (!OF_RACES.contains(e.errno())) {
                        throw e;
                    }
                }
            }
        }

        @Override
        public void close() {
            open.forEach(volume::release);
            RawMemory.free(buffer);
        }

        private Name name() {
            return Name.of("n" + random.nextInt(NAMES));
        }

        /** A directory not far below the root, with a reference that the caller gives back. */
        private long directory() throws FsException {
            long at = ROOT_INO;
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                boolean found = volume.lookup(at, name(), a);
                if (!found) {
                    break;
                }
                if (!InodeFlags.isDirectory(a.mode)) {
                    volume.forget(a.ino, 1);
                    break;
                }
                volume.forget(at, 1);
                at = a.ino;
            }
            return at;
        }

        private void step() throws FsException {
            long first = directory();
            try {
                long second = directory();
                try {
                    step(first, second);
                } finally {
                    volume.forget(second, 1);
                }
            } finally {
                volume.forget(first, 1);
            }
        }

        private void step(long first, long second) throws FsException {
            switch (random.nextInt(22)) {
                case 0, 1 -> {
                    OpenFile file = volume.create(TestVolume.ROOT, first, name(), 0644, 2, a);
                    volume.forget(a.ino, 1);
                    open.add(file);
                }
                case 2, 3 -> {
                    volume.mkdir(TestVolume.ROOT, first, name(), 0755, a);
                    volume.forget(a.ino, 1);
                }
                case 4 -> {
                    volume.symlink(TestVolume.ROOT, first, name(), buffer, 100, a);
                    volume.forget(a.ino, 1);
                }
                case 5, 6 -> volume.unlink(TestVolume.ROOT, first, name());
                case 7 -> volume.rmdir(TestVolume.ROOT, first, name());
                case 8, 9, 10 ->
                    volume.rename(TestVolume.ROOT, first, name(), second, name(), random.nextInt(3) == 0 ? 2 : 0);
                case 11 -> volume.rename(TestVolume.ROOT, first, name(), second, name(), 4);
                case 12 -> link(first, second);
                case 13 -> {
                    OpenFile file = volume.tmpfile(TestVolume.ROOT, first, 0600, 2, a);
                    long ino = a.ino;
                    volume.forget(ino, 1);
                    open.add(file);
                    if (random.nextBoolean()) {
                        volume.link(TestVolume.ROOT, ino, second, name(), a);
                        volume.forget(ino, 1);
                    }
                }
                case 14 -> list(first);
                case 15 -> byNumber(first);
                default -> file();
            }
            while (open.size() > 4) {
                volume.release(open.remove(random.nextInt(open.size())));
            }
        }

        private void link(long first, long second) throws FsException {
            if (volume.lookup(first, name(), a)) {
                long ino = a.ino;
                try {
                    volume.link(TestVolume.ROOT, ino, second, name(), a);
                    volume.forget(ino, 1);
                } finally {
                    volume.forget(ino, 1);
                }
            }
        }

        private void list(long ino) throws FsException {
            OpenFile directory = volume.opendir(TestVolume.ROOT, ino);
            try {
                List<Long> held = new ArrayList<>();
                volume.readdir(directory, 0, true, (cookie, child, type, name, length, attributes) -> {
                    if (attributes != null) {
                        held.add(child);
                    }
                    return held.size() < 8;
                });
                // The one that was refused is not held; nor can one tell it from the others by the answer alone.
                if (held.size() == 8) {
                    held.remove(7);
                }
                held.forEach(child -> volume.forget(child, 1));
            } finally {
                volume.release(directory);
            }
        }

        /** As an NFS server does: a number from long ago. */
        private void byNumber(long directory) throws FsException {
            if (volume.lookup(directory, name(), a)) {
                long ino = a.ino;
                volume.forget(ino, 1);
                volume.lookupInode(ino, a);
                volume.forget(ino, 1);
            }
        }

        private void file() throws FsException {
            if (open.isEmpty()) {
                return;
            }
            OpenFile file = open.get(random.nextInt(open.size()));
            long offset = random.nextInt(400_000);
            int length = 1 + random.nextInt(100_000);
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> volume.write(TestVolume.ROOT, file, offset, buffer, length, 0);
                case 3 -> volume.read(file, offset, length, new CopyingSink(buffer));
                case 4 -> {
                    AttributeChange change = new AttributeChange();
                    change.valid = AttributeChange.SIZE;
                    change.sizeBytes = offset;
                    volume.setattr(TestVolume.ROOT, file.ino(), file, change, a);
                }
                case 5 -> volume.fallocate(TestVolume.ROOT, file, 0, offset, length * 8L);
                case 6 -> volume.fallocate(TestVolume.ROOT, file, 3, offset, length);
                case 7 ->
                    volume.setxattr(
                            TestVolume.ROOT,
                            file.ino(),
                            Name.of("user." + random.nextInt(3)),
                            buffer,
                            length % 9000,
                            0);
                default -> {
                    OpenFile other = open.get(random.nextInt(open.size()));
                    if (other.ino() != file.ino()) {
                        volume.copyFileRange(TestVolume.ROOT, file, 0, other, offset, length);
                    }
                }
            }
        }
    }
}
