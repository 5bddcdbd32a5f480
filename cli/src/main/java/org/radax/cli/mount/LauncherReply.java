package org.radax.cli.mount;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;

/**
 * What a daemon owes the launcher that waits for it. The launcher starts it with its standard output and error on
 * one pipe and reads to the end: lines for the person, then {@code radax-exit N}. {@link #detach} moves both streams
 * to the log and keeps the pipe aside; {@link #ready} answers and hangs up, which lets the launcher return.
 *
 * <p>Process-wide like the descriptors it stands for. A process that no launcher waits for ({@code radax.reply} not
 * set) only has {@link #standardError}.
 */
public final class LauncherReply {
    private static final String MARK = "radax-exit ";
    private static final int FIRST_FREE_FD = 10;

    private static final boolean WANTED = Boolean.getBoolean("radax.reply");

    /** The pipe once detached, else -1. */
    private static int pipe = -1;

    private static boolean answered;

    private LauncherReply() {}

    /** Whether a launcher waits: this process is to become a daemon. */
    public static boolean wanted() {
        return WANTED;
    }

    /** A stream that reaches the person for as long as somebody listens, and the log once there is one. */
    public static PrintStream standardError() {
        return new PrintStream(new Tee(), true, StandardCharsets.UTF_8);
    }

    /** Leaves the terminal's session and directory; standard streams go to {@code log}. */
    static synchronized void detach(Path log) throws CommandFailure {
        LibC libc = LibC.INSTANCE;
        int file = libc.open(
                log.toString(), ProcessCalls.O_WRONLY | ProcessCalls.O_APPEND | LibC.O_CREAT | LibC.O_CLOEXEC, 0640);
        if (file < 0) {
            throw new CommandFailure(
                    ExitCodes.SYSTEM, log + ": no log can be written: " + LibC.lastError() + "; set RADAX_LOG_DIR");
        }
        System.out.flush();
        int kept = libc.fcntl(1, ProcessCalls.F_DUPFD_CLOEXEC, FIRST_FREE_FD);
        boolean done = kept >= 0
                && ProcessCalls.INSTANCE.dup2(file, 1) >= 0
                && ProcessCalls.INSTANCE.dup2(file, 2) >= 0
                && ProcessCalls.INSTANCE.chdir("/") == 0;
        if (kept >= 0) {
            pipe = kept;
        }
        libc.close(file);
        if (!done) {
            throw new CommandFailure(ExitCodes.SYSTEM, "cannot go to the background: " + LibC.lastError());
        }
        // A shell that starts us in the background ignores SIGINT, and the JVM would leave it so.
        ProcessCalls.INSTANCE.signal(ProcessCalls.SIGINT, ProcessCalls.SIG_DFL);
        // Fails only for a process group's leader, which a launcher's child is not: then a Ctrl-C reaches us, no more.
        libc.setsid();
    }

    /** The daemon serves: the launcher may return 0. */
    static synchronized void ready() {
        answer(ExitCodes.OK);
    }

    /** The process ends with {@code code}; the launcher is told, if it was not yet. */
    public static synchronized void finish(int code) {
        answer(code);
    }

    private static void answer(int code) {
        if (!WANTED || answered) {
            return;
        }
        answered = true;
        byte[] line = (MARK + code + "\n").getBytes(StandardCharsets.US_ASCII);
        if (pipe < 0) {
            System.out.write(line, 0, line.length);
            System.out.flush();
        } else {
            writeToPipe(line, 0, line.length);
            LibC.INSTANCE.close(pipe);
            pipe = -1;
        }
    }

    private static synchronized void show(byte[] bytes, int start, int length) {
        System.err.write(bytes, start, length);
        System.err.flush();
        if (pipe >= 0 && length > 0) {
            writeToPipe(bytes, start, length);
        }
    }

    private static void writeToPipe(byte[] bytes, int start, int length) {
        long memory = RawMemory.allocate(length);
        try {
            RawMemory.copyIn(bytes, start, memory, length);
            // A launcher that was killed meanwhile reads nothing: nobody is left to tell.
            LibC.INSTANCE.write(pipe, memory, length);
        } finally {
            RawMemory.free(memory);
        }
    }

    private static final class Tee extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            show(bytes, start, length);
        }
    }
}
