package org.radax.it.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.radax.core.os.RawMemory;
import org.radax.dax.DaxException;
import org.radax.dax.DaxFile;
import org.radax.dax.DaxMapping;

/** A process of its own that has a file mapped onto the pool, and does as it is told. */
public final class DaxProgram implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;

    private DaxProgram(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /** Starts it, as this user. */
    public static DaxProgram start(Path file) throws IOException {
        return start(List.of(), file);
    }

    /** @param prefix a command that starts another as somebody else */
    public static DaxProgram start(List<String> prefix, Path file) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(java(DaxProgram.class, file.toString()));
        return new DaxProgram(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** A class of this project in a process of its own. */
    static List<String> java(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Djnr.ffi.x86asm.enabled=false",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** One of: map OFFSET LENGTH; put OFFSET VALUE; get OFFSET; force; unmap. Returns the answer. */
    public String ask(String order) throws IOException {
        orders.write(order + "\n");
        orders.flush();
        return answers.readLine();
    }

    public long pid() {
        return process.pid();
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGSTOP: it answers nobody until {@link #go}. */
    public void stop() throws IOException, InterruptedException {
        Run.of("kill", "-STOP", Long.toString(process.pid())).ok();
        while (!isStopped()) {
            Thread.sleep(10);
        }
    }

    /** All threads of it: they stop one after another. */
    private boolean isStopped() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        }
    }

    public void go() throws IOException, InterruptedException {
        Run.of("kill", "-CONT", Long.toString(process.pid())).ok();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (DaxFile file = DaxFile.openForWriting(Path.of(arguments[0]))) {
            DaxMapping mapping = null;
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] words = order.split(" ", -1);
                if (words[0].equals("map")) {
                    mapping = file.map(Long.parseLong(words[1]), Long.parseLong(words[2]));
                    System.out.println("mapped");
                } else {
                    System.out.println(answer(mapping, words));
                }
            }
        } catch (DaxException e) {
            System.out.println(e.reason());
        }
    }

    private static String answer(DaxMapping mapping, String[] words) {
        try {
            switch (words[0]) {
                case "put" -> {
                    mapping.buffer(Long.parseLong(words[1]), 1).put(0, Byte.parseByte(words[2]));
                    return "stored";
                }
                case "get" -> {
                    byte value = mapping.buffer(Long.parseLong(words[1]), 1).get(0);
                    RawMemory.raisePendingError();
                    return Byte.toString(value);
                }
                case "force" -> {
                    mapping.force();
                    return "forced";
                }
                case "unmap" -> {
                    mapping.close();
                    return "unmapped";
                }
                default -> throw new IllegalArgumentException(words[0]);
            }
        } catch (InternalError | IOException e) {
            return "error";
        }
    }
}
