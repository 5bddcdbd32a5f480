package org.radax.it.harness;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A pool in shared memory, made and mounted by the launcher; gone again after {@link #close}. */
public final class Volume implements AutoCloseable {
    private final Path base;
    private final Path pool;
    private final Path mountPoint;
    private final List<String> mountOptions;

    private Volume(Path base, Path pool, Path mountPoint, List<String> mountOptions) {
        this.base = base;
        this.pool = pool;
        this.mountPoint = mountPoint;
        this.mountOptions = mountOptions;
    }

    /** {@code size} as mkfs takes it; further arguments go to mount. In plain mode just a directory. */
    public static Volume mounted(String size, String... mountOptions) throws IOException, InterruptedException {
        return mounted(formatted(size, mountOptions));
    }

    /** As {@link #mounted(String, String...)}, with the pool in a plain file. */
    public static Volume mountedFromFile(String size, String... mountOptions) throws IOException, InterruptedException {
        return mounted(formatted(Environment.project().resolve("it-tests/target"), size, mountOptions));
    }

    /** As {@link #mounted(String, String...)}, with checksums of files' data. */
    public static Volume mountedWithDataChecksums(String size, String... mountOptions)
            throws IOException, InterruptedException {
        Volume volume = formatted(size, mountOptions);
        radax("mkfs", "--force", "--data-checksums", volume.pool.toString()).ok();
        return mounted(volume);
    }

    private static Volume mounted(Volume volume) throws IOException, InterruptedException {
        boolean done = false;
        try {
            volume.mount();
            done = true;
            return volume;
        } finally {
            if (!done) {
                volume.close();
            }
        }
    }

    public static Volume formatted(String size, String... mountOptions) throws IOException, InterruptedException {
        return formatted(Environment.plain() ? Environment.plainDirectory() : Path.of("/dev/shm"), size, mountOptions);
    }

    private static Volume formatted(Path parent, String size, String... mountOptions)
            throws IOException, InterruptedException {
        Path base = Files.createTempDirectory(parent, "radax-it");
        Path mountPoint = Files.createDirectory(base.resolve("mnt"));
        Volume volume = new Volume(base, base.resolve("it.pool"), mountPoint, Arrays.asList(mountOptions));
        if (!Environment.plain()) {
            radax("mkfs", "--size", size, volume.pool.toString()).ok();
        }
        return volume;
    }

    public static Run radax(String... arguments) throws IOException, InterruptedException {
        return radaxIn(null, Map.of(), arguments);
    }

    public static Run radaxIn(Path directory, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Environment.launcher().toString()));
        command.addAll(List.of(arguments));
        return Run.of(directory, environment, command);
    }

    public Path pool() {
        return pool;
    }

    public Path directory() {
        return mountPoint;
    }

    /** A directory beside pool and mount point, for whatever else a test needs. */
    public Path scratch() throws IOException {
        return Files.createDirectories(base.resolve("scratch"));
    }

    public void mount() throws IOException, InterruptedException {
        if (mountOptions.stream().anyMatch(option -> option.contains("writeback"))) {
            Environment.needsKernelTransport("the writeback cache");
        }
        if (!Environment.plain()) {
            List<String> arguments = new ArrayList<>(List.of("mount"));
            if (!Environment.transport().isEmpty()
                    && mountOptions.stream().noneMatch(o -> o.startsWith("--transport"))) {
                arguments.add("--transport=" + Environment.transport());
            }
            arguments.addAll(mountOptions);
            arguments.add(pool.toString());
            arguments.add(mountPoint.toString());
            radax(arguments.toArray(new String[0])).ok();
        }
    }

    public void unmount() throws IOException, InterruptedException {
        if (!Environment.plain()) {
            radax("umount", mountPoint.toString()).ok();
        }
    }

    /** Unmounts, checks, mounts. */
    public void cycle() throws IOException, InterruptedException {
        unmount();
        fsckClean();
        mount();
    }

    /** The pool, not mounted, has no error. */
    public void fsckClean() throws IOException, InterruptedException {
        if (!Environment.plain()) {
            radax("fsck", "-n", pool.toString()).ok();
        }
    }

    public JsonObject info() throws IOException, InterruptedException {
        try {
            return JsonParser.object()
                    .from(radax("info", "--json", mountPoint.toString()).ok().out());
        } catch (JsonParserException e) {
            throw new IOException("info --json is not JSON", e);
        }
    }

    public long daemonPid() throws IOException, InterruptedException {
        return info().getObject("mount").getLong("pid");
    }

    @Override
    public void close() throws IOException {
        try {
            if (!Environment.plain() && isMountPoint(mountPoint)) {
                Run run = radax("umount", mountPoint.toString());
                if (run.code() != 0) {
                    Run.of("umount", "-l", mountPoint.toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unmounting " + mountPoint, e);
        }
        FileTrees.delete(base);
    }

    public static boolean isMountPoint(Path directory) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .anyMatch(line -> line.split(" ", -1)[1].equals(directory.toString()));
    }
}
