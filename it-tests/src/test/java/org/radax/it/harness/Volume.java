package org.radax.it.harness;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.radax.fuse.control.ControlClient;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlSockets;

/** A pool in shared memory, made and mounted by the launcher; gone again after {@link #close}. */
public final class Volume implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

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
        return mountedFrom(Environment.project().resolve("it-tests/target"), size, mountOptions);
    }

    /** As {@link #mounted(String, String...)}, with checksums of files' data. */
    public static Volume mountedWithDataChecksums(String size, String... mountOptions)
            throws IOException, InterruptedException {
        return mounted(formattedWithDataChecksums(size, mountOptions));
    }

    public static Volume formattedWithDataChecksums(String size, String... mountOptions)
            throws IOException, InterruptedException {
        Volume volume = formatted(size, mountOptions);
        radax("mkfs", "--force", "--data-checksums", volume.pool.toString()).ok();
        return volume;
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

    /** As {@link #mounted(String, String...)}, with the pool in a directory of the test's. */
    public static Volume mountedFrom(Path parent, String size, String... mountOptions)
            throws IOException, InterruptedException {
        return mounted(formatted(parent, size, mountOptions));
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
        mount(mountOptions);
    }

    /** With other options than those it was made with. */
    public void mount(List<String> options) throws IOException, InterruptedException {
        mount(List.of(), Map.of(), options);
    }

    /** @param prefix a command that starts another with limits of some kind */
    public void mount(List<String> prefix, Map<String, String> environment, List<String> options)
            throws IOException, InterruptedException {
        if (options.stream().anyMatch(option -> option.contains("writeback"))) {
            Environment.needsKernelTransport("the writeback cache");
        }
        if (!Environment.plain()) {
            List<String> command = new ArrayList<>(prefix);
            command.add(Environment.launcher().toString());
            command.addAll(List.of(mountCommand(options)));
            Run.of(null, environment, command).ok();
        }
    }

    /** The daemon on its way up, as a process that can be killed. */
    public Process mounting(List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Environment.launcher().toString()));
        command.addAll(List.of(mountCommand(options)));
        command.add("-f");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch().resolve("mounting").toFile())
                .start();
    }

    private String[] mountCommand(List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("mount"));
        if (!Environment.transport().isEmpty() && options.stream().noneMatch(o -> o.startsWith("--transport"))) {
            arguments.add("--transport=" + Environment.transport());
        }
        arguments.addAll(options);
        arguments.add(pool.toString());
        arguments.add(mountPoint.toString());
        return arguments.toArray(new String[0]);
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

    /** A copy of the pool as it is at rest, mounted: for the checker. */
    public Path frozenCopy() throws IOException, InterruptedException, ControlException {
        Path copy = scratch().resolve("frozen.pool");
        ask(ControlProtocol.FREEZE, Map.of("limitSeconds", 60));
        Run.of("cp", "--sparse=always", pool.toString(), copy.toString()).ok();
        ask(ControlProtocol.THAW, Map.of());
        return copy;
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

    /** What the daemon answers, without a process that asks. */
    public JsonObject ask(String verb, Map<String, Object> arguments) throws IOException, ControlException {
        return ControlClient.ask(ControlSockets.ofProcess().forMountPoint(mountPoint), verb, arguments, PATIENCE);
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
        return mountsAt(directory) > 0;
    }

    /** How many filesystems are mounted there, one over the other. */
    public static long mountsAt(Path directory) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.split(" ", -1)[1].equals(directory.toString()))
                .count();
    }
}
