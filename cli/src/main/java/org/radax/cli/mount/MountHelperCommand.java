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

/** What mount(8) calls as {@code mount.fuse.radax}: {@code POOL DIR [-sfnv] [-N namespace] [-o OPTS] [-t type]}. */
@Command(
        name = "mount.fuse.radax",
        hidden = true,
        description = "Mounts a pool for mount(8); link the launcher as /sbin/mount.fuse.radax.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = ExitCodes.MOUNT_FAILED)
public final class MountHelperCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "-s", description = "Ignore unknown options.")
    private boolean sloppy;

    @Option(names = "-f", description = "Do everything but mount.")
    private boolean fake;

    @Option(names = "-n", description = "No /etc/mtab: there is none.")
    private boolean noMtab;

    @Option(names = "-v", description = "Say what is done.")
    private boolean verbose;

    @Option(names = "-t", description = "The type; only fuse.radax comes here.")
    private String type;

    @Option(names = "-N", description = "Mount namespace: mount(8) has entered it already.")
    private String namespace;

    @Option(names = "-o", paramLabel = "OPTS", description = "Mount options, comma-separated.")
    private List<String> options = new ArrayList<>();

    @Parameters(paramLabel = "POOL DIR", arity = "2", description = "The pool and the mount point.")
    private List<Path> paths = List.of();

    @Override
    public Integer call() throws Exception {
        OptionList list = OptionList.parse(options, sloppy);
        if (verbose) {
            spec.commandLine()
                    .getOut()
                    .println("radax: " + paths.get(0) + " on " + paths.get(1)
                            + " type " + (type == null ? "fuse.radax" : type) + " " + list.explicit()
                            + (noMtab || namespace == null ? "" : " in " + namespace));
        }
        if (!fake) {
            new Mounting(spec.commandLine().getOut(), false, "auto").mount(paths, list);
        }
        return ExitCodes.OK;
    }
}
