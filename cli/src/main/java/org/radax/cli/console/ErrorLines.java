package org.radax.cli.console;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.radax.core.error.FsException;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever went wrong into one line on standard error and an exit code; stack traces go to the log. */
public final class ErrorLines implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        // Picocli quotes the exception of a failed conversion with its class.
        String message = e.getMessage().replaceAll("\\([\\w.]+Exception: (.*?)\\)", "($1)");
        print(command, message + "; see " + nameOf(command) + " --help");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        print(command, describe(e));
        int usual = command.getCommandSpec().exitCodeOnExecutionException();
        return e instanceof CommandFailure failure ? failure.exitCode(usual) : usual;
    }

    /** One line for any exception; what is not meant for people is kept in the log and named. */
    public static String describe(Exception e) {
        if (e instanceof CommandFailure
                || e instanceof FsException
                || e instanceof MountException
                || e instanceof ControlException) {
            return e.getMessage();
        }
        if (e instanceof FileSystemException file) {
            String reason = file.getReason() != null ? file.getReason() : plainName(file);
            return file.getFile() + ": " + reason;
        }
        if (e instanceof IOException) {
            return e.getMessage() == null ? e.toString() : e.getMessage();
        }
        if (e.getCause() instanceof OutOfMemoryError memory) {
            return "not enough memory: " + memory.getMessage() + "; give it more with RADAX_JAVA_OPTS=-Xmx";
        }
        Throwable bug = e.getCause() instanceof Error error ? error : e;
        return "internal error: " + bug + "; please report it with " + LogFiles.keep(bug);
    }

    /** {@code NoSuchFileException} says in its name what its message does not. */
    private static String plainName(FileSystemException e) {
        return switch (e.getClass().getSimpleName()) {
            case "NoSuchFileException" -> "no such file or directory";
            case "AccessDeniedException" -> "permission denied";
            case "FileAlreadyExistsException" -> "exists already";
            case "DirectoryNotEmptyException" -> "directory not empty";
            case "NotDirectoryException" -> "not a directory";
            default -> e.getClass().getSimpleName();
        };
    }

    private static void print(CommandLine command, String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
        command.getErr().println(nameOf(command) + ": " + line);
        command.getErr().flush();
    }

    private static String nameOf(CommandLine command) {
        return command.getCommandSpec().qualifiedName(" ");
    }
}
