package org.radax.cli.dax;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.Version;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.fuse.wire.IoctlLayouts;
import org.radax.fuse.wire.IoctlLayouts.FsXattr;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code radax dax}: the flag that makes a file a DAX file, and new files of a directory too. */
@Command(
        name = "dax",
        description = "Shows or changes the DAX flag of files and directories; new files inherit their directory's.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class DaxCommand implements Callable<Integer> {
    private static final int O_RDONLY_NONBLOCK = 04000;

    /** What to do. */
    enum Action {
        GET,
        SET,
        CLEAR
    }

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "get|set|clear", description = "What to do with the flag.")
    private Action action;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH", description = "Files and directories.")
    private List<Path> paths;

    @Override
    public Integer call() throws CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        for (Path path : paths) {
            int fd = LibC.INSTANCE.open(path.toString(), O_RDONLY_NONBLOCK, 0);
            if (fd < 0) {
                throw failure(path, "can not be opened");
            }
            long attributes = RawMemory.allocate(FsXattr.SIZE);
            try {
                run(out, path, fd, attributes);
            } finally {
                RawMemory.free(attributes);
                LibC.INSTANCE.close(fd);
            }
        }
        out.flush();
        return ExitCodes.OK;
    }

    private void run(PrintWriter out, Path path, int fd, long attributes) throws CommandFailure {
        if (LibC.INSTANCE.ioctl(fd, Integer.toUnsignedLong(IoctlLayouts.FSGETXATTR), attributes) != 0) {
            throw failure(path, "has no such flag");
        }
        int flags = RawMemory.getInt(attributes + FsXattr.XFLAGS);
        if (action == Action.GET) {
            out.println(((flags & FsXattr.FLAG_DAX) != 0 ? "set    " : "clear  ") + path);
            return;
        }
        int wanted = action == Action.SET ? flags | FsXattr.FLAG_DAX : flags & ~FsXattr.FLAG_DAX;
        RawMemory.putInt(attributes + FsXattr.XFLAGS, wanted);
        if (LibC.INSTANCE.ioctl(fd, Integer.toUnsignedLong(IoctlLayouts.FSSETXATTR), attributes) != 0) {
            throw failure(path, "the flag can not be changed");
        }
    }

    private static CommandFailure failure(Path path, String what) {
        return new CommandFailure(path + ": " + what + ": " + LibC.lastError());
    }
}
