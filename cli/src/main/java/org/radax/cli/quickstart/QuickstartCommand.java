package org.radax.cli.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.LauncherScript;
import org.radax.cli.console.Sizes;
import org.radax.cli.console.Version;
import org.radax.cli.mount.MountDirectory;
import org.radax.core.unit.Units;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A pool in shared memory, mounted, in one step. */
@Command(
        name = "quickstart",
        description = "Makes a pool in shared memory, mounts it, and says what to try.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = ExitCodes.MOUNT_FAILED)
public final class QuickstartCommand implements Callable<Integer> {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long MIN_BYTES = 16L << 20;
    private static final long MAX_BYTES = 1L << 30;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "0..1", defaultValue = "mnt", description = "Mount point. Default: ./mnt")
    private Path directory;

    @Override
    public Integer call() throws CommandFailure, MountException, IOException, InterruptedException {
        Path mountPoint = directory.toAbsolutePath().normalize();
        PrintWriter out = spec.commandLine().getOut();
        Optional<Path> serving = MountDirectory.ofProcess().serving(mountPoint);
        if (serving.isPresent()) {
            out.println(mountPoint + " is mounted already.");
            printWhatToTry(mountPoint, null);
            return ExitCodes.OK;
        }
        Path pool = poolFor(mountPoint);
        LauncherScript radax = LauncherScript.ofProcess();
        Files.createDirectories(mountPoint);
        if (Files.exists(pool)) {
            out.println("Found the pool " + pool + " of an earlier quickstart.");
        } else {
            long size = chooseSize();
            radax.run("mkfs", "--size", Long.toString(size), pool.toString());
            out.println("Made a pool of " + Sizes.human(size) + " in shared memory: " + pool);
        }
        radax.run("mount", pool.toString(), mountPoint.toString());
        out.println("Mounted it at " + mountPoint);
        printWhatToTry(mountPoint, pool);
        return ExitCodes.OK;
    }

    private static Path poolFor(Path mountPoint) throws CommandFailure {
        if (!Files.isDirectory(SHARED_MEMORY)) {
            throw new CommandFailure(SHARED_MEMORY + ": no shared memory here; use radax mkfs and radax mount");
        }
        String name = mountPoint.toString().substring(1).replace('/', '-');
        return SHARED_MEMORY.resolve("radax-" + System.getProperty("user.name") + "-"
                + (name.length() > 150 ? name.substring(name.length() - 150) : name) + ".pool");
    }

    /** A quarter of what is free, at most 1 GiB: room to play, and the machine keeps its memory. */
    private static long chooseSize() throws CommandFailure, IOException {
        long free = Files.getFileStore(SHARED_MEMORY).getUsableSpace();
        long size = Math.min(MAX_BYTES, Units.alignDown(free / 4, Units.RUN_BYTES));
        if (size < MIN_BYTES) {
            throw new CommandFailure(
                    SHARED_MEMORY + ": " + Sizes.human(free) + " free, too little to play with; free some memory");
        }
        return size;
    }

    private void printWhatToTry(Path mountPoint, Path pool) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println("Try:");
        out.println("  cp -a /usr/include " + mountPoint + "/");
        out.println("  git clone . " + mountPoint + "/clone");
        out.println("  fio --name=t --directory=" + mountPoint
                + " --rw=randread --bs=4k --size=64M --direct=1 --runtime=5 --time_based");
        out.println("  radax info " + mountPoint);
        out.println("  radax umount " + mountPoint);
        if (pool != null) {
            out.println("  radax fsck " + pool + "      (after umount)");
            out.println("  rm " + pool + "              (gives the memory back)");
        }
        out.flush();
    }
}
