package org.radax.cli.pool;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Sizes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.cli.console.VolumeTrees;
import org.radax.cli.mount.MountDirectory;
import org.radax.core.error.PoolException;
import org.radax.core.volume.Volume;
import org.radax.core.volume.VolumeOptions;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax info}: a mounted volume's daemon is asked, a pool at rest is opened for reading. */
@Command(
        name = "info",
        description = "Shows a pool or a mounted volume: superblock, features, usage, groups, domain, mount state.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class InfoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Parameters(paramLabel = "POOL|DIR", description = "A pool or a mount point.")
    private Path path;

    @Override
    public Integer call() throws CommandFailure, PoolException, MountException, ControlException, IOException {
        Map<String, Object> tree = collect(path.toAbsolutePath().normalize());
        spec.commandLine().getOut().print(json ? Trees.json(tree) + "\n" : Trees.text(forPeople(tree)));
        spec.commandLine().getOut().flush();
        return ExitCodes.OK;
    }

    private static Map<String, Object> collect(Path path)
            throws CommandFailure, PoolException, MountException, ControlException, IOException {
        MountDirectory mounts = MountDirectory.ofProcess();
        Optional<Path> socket = mounts.serving(path);
        if (socket.isPresent()) {
            return mounts.info(socket.get());
        }
        if (MountPoints.isDead(path)) {
            throw new CommandFailure(path + ": its daemon is gone; mount the pool again or radax umount " + path);
        }
        if (MountPoints.find(path).isPresent()) {
            throw new CommandFailure(
                    path + ": its daemon does not answer, or is not that of the user who mounted it; try as that user");
        }
        if (Files.isDirectory(path)) {
            throw new CommandFailure(path + ": no Radax mount that you may ask; name a pool or a mount point");
        }
        if (!Files.exists(path)) {
            throw new CommandFailure(path + ": no such pool or mount point");
        }
        Optional<JsonObject> inUse = mounts.infoOfPool(path);
        if (inUse.isPresent()) {
            return inUse.get();
        }
        VolumeOptions reading =
                new VolumeOptions(true, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, false);
        try (Volume volume = Volume.open(path, reading)) {
            Map<String, Object> tree = VolumeTrees.of(volume.info());
            tree.put("mount", null);
            return tree;
        }
    }

    private static Map<String, Object> forPeople(Map<String, Object> tree) {
        Map<String, Object> shown = new LinkedHashMap<>(tree);
        if (tree.get("sizeBytes") instanceof Number size) {
            shown.put("sizeBytes", size + " (" + Sizes.human(size.longValue()) + ")");
        }
        if (tree.get("usage") instanceof Map<?, ?> usage) {
            Map<String, Object> withSummary = new LinkedHashMap<>();
            withSummary.put("summary", VolumeTrees.summary(usage));
            usage.forEach((key, value) -> withSummary.put(key.toString(), value));
            shown.put("usage", withSummary);
        }
        if (tree.get("mount") == null) {
            shown.put("mount", "not mounted");
        }
        return shown;
    }
}
