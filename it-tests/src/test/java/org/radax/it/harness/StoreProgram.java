package org.radax.it.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UserFaults;

/** A process that maps a file, has stores to it tracked, and stores a rising count to a window of its pages that moves on. */
public final class StoreProgram implements AutoCloseable {
    private static final int WINDOW = 16;

    private final Process process;
    private final BufferedReader answers;
    private final long address;

    private StoreProgram(Process process) throws IOException {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.address = Long.parseLong(answers.readLine());
    }

    public static StoreProgram start(Path file, long bytes, long stores) throws IOException {
        List<String> command =
                DaxProgram.java(StoreProgram.class, file.toString(), Long.toString(bytes), Long.toString(stores));
        return new StoreProgram(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Where it has the file mapped. */
    public long address() {
        return address;
    }

    public Path pagemap() {
        return Path.of("/proc", Long.toString(process.pid()), "pagemap");
    }

    public void go() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Whether it has stored all; it stays, so that it can be asked. */
    public boolean isDone() throws IOException {
        return answers.ready();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        long bytes = Long.parseLong(arguments[1]);
        int fd = LibC.INSTANCE.open(arguments[0], LibC.O_RDWR, 0);
        long at = LibC.INSTANCE.mmap(0, bytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        UserFaults userFaults = new UserFaults();
        int tracking = userFaults.open(UserFaults.TRACKING_FEATURES);
        if (at == -1
                || tracking < 0
                || userFaults.register(tracking, at, bytes, UserFaults.MODE_PROTECT) != 0
                || userFaults.protect(tracking, at, bytes) != 0) {
            throw new IOException("stores can not be tracked");
        }
        System.out.println(at);
        System.in.read();
        Random random = new Random(1);
        int pages = (int) (bytes / 4096);
        long stores = Long.parseLong(arguments[2]);
        for (long store = 1; store <= stores; store++) {
            // Page after page has its last store: what is lost of it nothing later makes good.
            long first = (store - 1) * pages / stores;
            RawMemory.putLong(at + Math.min(first + random.nextInt(WINDOW), pages - 1) * 4096L, store);
        }
        System.out.println("done");
        System.in.read();
    }
}
