package org.radax.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;

/**
 * Files mapped onto the pool, against a plain mapping of a file on tmpfs: {@code ClientFigures DIR}, a directory on a mount
 * with {@code --dax=always} and room for 6 GiB. What is compared takes turns; medians of the turns.
 */
public final class ClientFigures {
    private static final int PAGE = 4096;
    private static final long LARGE = 1L << 30;
    private static final long SMALL = 8L << 20;
    private static final long WHOLE = 4L << 30;
    private static final int TURNS = 15;
    private static final int ACCESSES = 200_000;
    private static final int FORCES = 2_000;

    private final long scratch = RawMemory.allocateForEver(PAGE, PAGE);

    private ClientFigures() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("ClientFigures DIR");
        }
        new ClientFigures().run(Path.of(arguments[0]));
    }

    private void run(Path directory) throws IOException {
        Path large = write(directory.resolve("client-figures-1g"), LARGE);
        Path small = write(directory.resolve("client-figures-8m"), SMALL);
        Path whole = write(directory.resolve("client-figures-4g"), WHOLE);
        Path plain = write(Path.of("/dev/shm/radax-client-figures"), LARGE);
        try {
            access(large, plain);
            force(large, small);
            map(whole);
        } finally {
            for (Path file : new Path[] {large, small, whole, plain}) {
                Files.delete(file);
            }
        }
    }

    private static Path write(Path file, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(4 << 20);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += chunk.capacity()) {
                chunk.clear();
                channel.write(chunk);
            }
        }
        return file;
    }

    /** Copies of 4 KiB, out of the mapping and into it, at random pages. */
    private void access(Path large, Path plain) throws IOException {
        int fd = LibC.INSTANCE.open(plain.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        long base = LibC.INSTANCE.mmap(0, LARGE, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        try (DaxFile file = DaxFile.openForWriting(large);
                DaxMapping mapping = file.map(0, LARGE)) {
            for (boolean store : new boolean[] {false, true}) {
                double[] dax = new double[TURNS];
                double[] tmpfs = new double[TURNS];
                // Each page once: what is measured is the access, and not the first store.
                touch(base, store);
                touch(mapping.address(), store);
                for (int turn = 0; turn < TURNS; turn++) {
                    tmpfs[turn] = copies(base, store, turn);
                    dax[turn] = copies(mapping.address(), store, turn);
                }
                print(
                        "random 4 KiB " + (store ? "writes" : "reads")
                                + " of 1 GiB, ns: tmpfs %.0f, client %.0f; speed %.2f",
                        median(tmpfs),
                        median(dax),
                        median(tmpfs) / median(dax));
            }
        } finally {
            LibC.INSTANCE.munmap(base, LARGE);
            LibC.INSTANCE.close(fd);
        }
    }

    private void touch(long base, boolean store) {
        for (long at = 0; at < LARGE; at += PAGE) {
            copy(base + at, store);
        }
    }

    private void copy(long page, boolean store) {
        RawMemory.copy(store ? scratch : page, store ? page : scratch, PAGE);
    }

    private double copies(long base, boolean store, int turn) {
        SplittableRandom random = new SplittableRandom(turn);
        long start = System.nanoTime();
        for (int i = 0; i < ACCESSES; i++) {
            copy(base + random.nextLong(LARGE / PAGE) * PAGE, store);
        }
        return (System.nanoTime() - start) / (double) ACCESSES;
    }

    /** A store to a random page, and its force. */
    private void force(Path large, Path small) throws IOException {
        try (DaxFile largeFile = DaxFile.openForWriting(large);
                DaxMapping inLarge = largeFile.map(0, LARGE);
                DaxFile smallFile = DaxFile.openForWriting(small);
                DaxMapping inSmall = smallFile.map(0, SMALL)) {
            double[] largeMicros = new double[TURNS];
            double[] smallMicros = new double[TURNS];
            forces(inSmall, -1);
            forces(inLarge, -1);
            for (int turn = 0; turn < TURNS; turn++) {
                smallMicros[turn] = forces(inSmall, turn);
                largeMicros[turn] = forces(inLarge, turn);
            }
            print(
                    "store and force, us: in 8 MiB %.1f, in 1 GiB %.1f; 1 GiB takes %.2f of 8 MiB",
                    median(smallMicros), median(largeMicros), median(largeMicros) / median(smallMicros));
        }
    }

    private static double forces(DaxMapping mapping, int turn) throws IOException {
        SplittableRandom random = new SplittableRandom(turn);
        long start = System.nanoTime();
        for (int i = 0; i < FORCES; i++) {
            long offset = random.nextLong(mapping.length() / PAGE) * PAGE;
            RawMemory.putLong(mapping.address() + offset, i);
            mapping.force(offset, Long.BYTES);
        }
        return (System.nanoTime() - start) / 1e3 / FORCES;
    }

    private static void map(Path whole) throws IOException {
        double[] millis = new double[TURNS];
        try (DaxFile file = DaxFile.openForWriting(whole)) {
            for (int turn = 0; turn < TURNS; turn++) {
                long start = System.nanoTime();
                DaxMapping mapping = file.map(0, WHOLE);
                millis[turn] = (System.nanoTime() - start) / 1e6;
                mapping.close();
            }
        }
        print("mapping 4 GiB, ms: %.1f", median(millis));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }
}
