package org.radax.cli.mount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax mount}. */
@Command(
        name = "mount",
        description = {
            "Mounts a pool and returns when the filesystem answers.",
            "Options of -o: ro, rw, remount, noatime, relatime, strictatime, [no]suid, [no]dev, [no]exec, allow_other, "
                    + "default_permissions, nonempty, [no]discard, lazy_writeback, dax=, data=, cache=, threads=, transport=."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = ExitCodes.MOUNT_FAILED)
public final class MountCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--foreground"},
            description = "Stay in front; log to standard error. An option of its own: not in a cluster.")
    private boolean foreground;

    @Option(names = "-o", paramLabel = "OPTS", description = "Mount options, comma-separated.")
    private List<String> options = new ArrayList<>();

    @Option(names = "--dax", paramLabel = "inode|always|never", description = "Which files are in DAX mode.")
    private String dax;

    @Option(
            names = "--data",
            paramLabel = "in-place|atomic",
            description = "Whether a crash may tear an overwrite, or leaves all of each write or nothing.")
    private String data;

    @Option(names = "--cache", paramLabel = "auto|writeback|none", description = "The kernel's page cache.")
    private String cache;

    @Option(names = "--threads", paramLabel = "N", description = "Server threads.")
    private String threads;

    @Option(
            names = "--transport",
            paramLabel = "kernel|jnr-fuse",
            description = "How the kernel is reached: over /dev/fuse, or by libfuse 2.")
    private String transport;

    @Option(
            names = "--lazy-writeback",
            description =
                    "Leave what the page cache overwrites to fsync, radax sync, or half a minute; sync(2) does not "
                            + "cover it.")
    private boolean lazyWriteback;

    @Option(names = "--read-only", description = "The same as -o ro.")
    private boolean readOnly;

    @Option(names = "--domain", hidden = true, defaultValue = "auto", description = "Persistence domain; tests only.")
    private String domain;

    @Parameters(index = "0", paramLabel = "POOL", description = "The pool; a remount does without it.")
    private Path first;

    @Parameters(index = "1", paramLabel = "DIR", arity = "0..1", description = "The mount point.")
    private Path second;

    @Override
    public Integer call() throws Exception {
        List<String> lists = new ArrayList<>(options);
        addOption(lists, "dax=", dax);
        addOption(lists, "data=", data);
        addOption(lists, "cache=", cache);
        addOption(lists, "threads=", threads);
        addOption(lists, "transport=", transport);
        if (lazyWriteback) {
            lists.add("lazy_writeback");
        }
        if (readOnly) {
            lists.add("ro");
        }
        OptionList list = OptionList.parse(lists, false);
        new Mounting(spec.commandLine().getOut(), foreground, domain)
                .mount(second == null ? List.of(first) : List.of(first, second), list);
        return ExitCodes.OK;
    }

    private static void addOption(List<String> lists, String prefix, String value) {
        if (value != null) {
            lists.add(prefix + value);
        }
    }
}
