package org.radax.core.pool;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.radax.core.lease.LeaseProtocol;

/** Another process that locks a pool, as it is told: record locks are a process's. */
final class LockingProgram implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;

    LockingProgram(Path pool) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LockingProgram.class.getName(),
                        pool.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /** Holds this lock from now on and no other: "shared" or "exclusive" as a server, "mapper", or "none". */
    boolean gets(String lock) throws IOException {
        orders.write(lock + "\n");
        orders.flush();
        return answers.readLine().equals("got");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (FileChannel pool =
                FileChannel.open(Path.of(arguments[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileLock held = null;
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                if (held != null) {
                    held.release();
                }
                held = switch (order) {
                    case "mapper" -> pool.tryLock(LeaseProtocol.LOCK_BYTE, 1, true);
                    case "none" -> null;
                    default -> pool.tryLock(0, LeaseProtocol.LOCK_BYTE, order.equals("shared"));
                };
                System.out.println(held != null || order.equals("none") ? "got" : "refused");
            }
        }
    }
}
