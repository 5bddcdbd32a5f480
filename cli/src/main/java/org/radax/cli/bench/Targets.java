package org.radax.cli.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.LauncherScript;

/** Makes the filesystems to measure, all over the same shared memory. */
final class Targets {
    private static final int UNMOUNT_TRIES = 50;

    private final Path base;
    private final long sizeBytes;
    private final LauncherScript radax;
    private final Cleanups cleanups;

    /** {@code base}: a directory in shared memory, ours alone. */
    Targets(Path base, long sizeBytes, LauncherScript radax, Cleanups cleanups) {
        this.base = base;
        this.sizeBytes = sizeBytes;
        this.radax = radax;
        this.cleanups = cleanups;
    }

    Target radax() throws CommandFailure, IOException, InterruptedException {
        Path pool = base.resolve("bench.pool");
        radax.run("mkfs", "--size", Long.toString(sizeBytes), pool.toString());
        cleanups.add(() -> Files.deleteIfExists(pool));
        Path mountPoint = mountPoint("radax");
        radax.run("mount", pool.toString(), mountPoint.toString());
        cleanups.add(() -> radax.run("umount", mountPoint.toString()));
        return new Target("radax", mountPoint);
    }

    Target tmpfs() throws IOException {
        return directory("tmpfs", base);
    }

    Target ext4OnLoop() throws CommandFailure, IOException, InterruptedException {
        Path image = image("ext4.img");
        Path mountPoint = mountPoint("ext4");
        Shell.run("mount", "-t", "ext4", "-o", "loop", image.toString(), mountPoint.toString());
        cleanups.add(() -> unmount("umount", mountPoint));
        return new Target("ext4-loop", mountPoint);
    }

    Target fuse2fs() throws CommandFailure, IOException, InterruptedException {
        Path image = image("fuse2fs.img");
        Path mountPoint = mountPoint("fuse2fs");
        Shell.run("fuse2fs", image.toString(), mountPoint.toString(), "-o", "fakeroot");
        cleanups.add(() -> unmount("umount", mountPoint));
        return new Target("fuse2fs", mountPoint);
    }

    Target directory(String name, Path parent) throws IOException {
        Path own = Files.createTempDirectory(parent, "radax-bench");
        cleanups.add(() -> deleteTree(own));
        return new Target(name, own);
    }

    private Path image(String name) throws CommandFailure, IOException, InterruptedException {
        Path image = base.resolve(name);
        cleanups.add(() -> Files.deleteIfExists(image));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
        Shell.run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        return image;
    }

    private Path mountPoint(String name) throws IOException {
        Path directory = Files.createDirectory(base.resolve(name + "-mnt"));
        cleanups.add(() -> Files.deleteIfExists(directory));
        return directory;
    }

    /** A daemon may hold the mount for a moment after the last file is closed. */
    private static void unmount(String program, Path mountPoint)
            throws CommandFailure, IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                Shell.run(program, mountPoint.toString());
                return;
            } catch (CommandFailure e) {
                if (attempt == UNMOUNT_TRIES) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    static void deleteTree(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        }
    }
}
