package org.radax.cli.bench;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.LauncherScript;
import org.radax.cli.mount.MountDirectory;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.mount.MountException;

/** How long a mount takes until it serves, by pool size, and what its daemon holds of memory. */
final class StartUp {
    private static final List<String> SIZES = List.of("16M", "1G", "1T");

    private final Path base;
    private final LauncherScript radax;
    private final Cleanups cleanups;

    StartUp(Path base, LauncherScript radax, Cleanups cleanups) {
        this.base = base;
        this.radax = radax;
        this.cleanups = cleanups;
    }

    /** Milliseconds from the command to its return, the median of {@code rounds}, by size. */
    Map<String, Object> readyMillis(int rounds) throws CommandFailure, IOException, InterruptedException {
        Path mountPoint = Files.createDirectory(base.resolve("ready-mnt"));
        cleanups.add(() -> Files.deleteIfExists(mountPoint));
        Map<String, Object> bySize = new LinkedHashMap<>();
        for (String size : SIZES) {
            Path pool = base.resolve("ready.pool");
            cleanups.add(() -> Files.deleteIfExists(pool));
            radax.run("mkfs", "--size", size, pool.toString());
            long[] millis = new long[rounds];
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                radax.run("mount", pool.toString(), mountPoint.toString());
                millis[round] = (System.nanoTime() - start) / 1_000_000;
                radax.run("umount", mountPoint.toString());
            }
            Arrays.sort(millis);
            bySize.put(size, millis[rounds / 2]);
            Files.delete(pool);
        }
        return bySize;
    }

    /** The daemon's memory in KiB after {@code files} were made. Pool pages count as RssShmem, not as its own. */
    Map<String, Object> memory(Target mounted, int files)
            throws CommandFailure, IOException, ControlException, MountException {
        Path directory = Files.createDirectory(mounted.directory().resolve("many"));
        for (int number = 0; number < files; number++) {
            FileOperations.create(directory.resolve("f" + number));
        }
        MountDirectory mounts = MountDirectory.ofProcess();
        Path socket = mounts.serving(mounted.directory())
                .orElseThrow(() -> new CommandFailure(mounted.directory() + ": its daemon does not answer"));
        JsonObject mount = mounts.info(socket).getObject("mount");
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("files", files);
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(mount.getLong("pid")), "status"))) {
            if (line.startsWith("VmHWM") || line.startsWith("VmRSS") || line.startsWith("Rss")) {
                String[] fields = line.split("[:\\s]+", -1);
                memory.put(fields[0] + "KiB", Long.parseLong(fields[1]));
            }
        }
        Targets.deleteTree(directory);
        return memory;
    }
}
