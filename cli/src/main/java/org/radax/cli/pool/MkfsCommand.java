package org.radax.cli.pool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Sizes;
import org.radax.cli.console.Version;
import org.radax.core.error.PoolException;
import org.radax.core.volume.FormatOptions;
import org.radax.core.volume.Formatter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax mkfs}. */
@Command(
        name = "mkfs",
        description = "Makes a pool in a file (sparse, made if missing) or on a DAX device.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class MkfsCommand implements Callable<Integer> {
    private static final long MIN_BYTES = 16L << 20;
    private static final long MAX_BYTES = 16L << 40;
    private static final int LABEL_BYTES = 32;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "16M to 16T, e.g. 4G; default: the size of the existing file or device.")
    private Long size;

    @Option(names = "--label", paramLabel = "TEXT", defaultValue = "", description = "Up to 32 bytes of UTF-8.")
    private String label;

    @Option(names = "--uuid", paramLabel = "UUID", description = "Default: a random one.")
    private UUID uuid;

    @Option(
            names = "--mode",
            paramLabel = "OCTAL",
            defaultValue = "0600",
            description = "Permission bits of the pool file: who may map the pool. Default: ${DEFAULT-VALUE}.")
    private String mode;

    @Option(names = "--group", paramLabel = "NAME", description = "Group of the pool file, by name or number.")
    private String group;

    @Option(names = "--force", description = "Overwrite what is there.")
    private boolean force;

    @Option(
            names = "--data-checksums",
            description =
                    "Keep a checksum of each 4 KiB of files' data, for scrub: 0.1 %% of the space, and time to write.")
    private boolean dataChecksums;

    @Parameters(paramLabel = "POOL", description = "The file or device.")
    private Path pool;

    @Override
    public Integer call() throws CommandFailure, PoolException {
        Path path = pool.toAbsolutePath().normalize();
        if (size == null && !Files.exists(path)) {
            throw new CommandFailure(ExitCodes.USAGE, path + ": does not exist; say how large with --size");
        }
        if (size != null && (size < MIN_BYTES || size > MAX_BYTES)) {
            throw new CommandFailure(
                    ExitCodes.USAGE, path + ": --size is " + Sizes.human(size) + "; pools have 16M to 16T");
        }
        if (label.getBytes(StandardCharsets.UTF_8).length > LABEL_BYTES) {
            throw new CommandFailure(ExitCodes.USAGE, path + ": --label is longer than 32 bytes; shorten it");
        }
        UUID identity = uuid == null ? UUID.randomUUID() : uuid;
        Formatter.format(new FormatOptions(
                path, size == null ? 0 : size, label, identity, permissions(path), gid(path), force, dataChecksums));
        spec.commandLine().getOut().println(path + ": pool made, UUID " + identity);
        return ExitCodes.OK;
    }

    private int permissions(Path path) throws CommandFailure {
        if (!mode.matches("0?[0-7]{3}")) {
            throw new CommandFailure(
                    ExitCodes.USAGE, path + ": --mode " + mode + " is not three octal digits; write 0600 or 0660");
        }
        return Integer.parseInt(mode, 8);
    }

    /** The group's number, -1 if none was given. */
    private int gid(Path path) throws CommandFailure {
        if (group == null) {
            return -1;
        }
        if (group.matches("\\d{1,9}")) {
            return Integer.parseInt(group);
        }
        // The JDK knows groups by principal only; the number is in the group database, which getent reads in full.
        try {
            Process getent = new ProcessBuilder("getent", "group", group).start();
            String line = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String[] fields = line.strip().split(":", -1);
            if (fields.length >= 3 && fields[2].matches("\\d{1,9}")) {
                return Integer.parseInt(fields[2]);
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    path + ": group names can not be looked up (" + e.getMessage() + "); give a number");
        }
        throw new CommandFailure(ExitCodes.USAGE, path + ": no group '" + group + "' on this machine");
    }
}
