package org.radax.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Where the tests run and on what. */
public final class Environment {
    private Environment() {}

    /** The project's root. */
    public static Path project() {
        return Path.of(System.getProperty("radax.it.project", ".."))
                .toAbsolutePath()
                .normalize();
    }

    public static Path launcher() {
        return project().resolve("radax");
    }

    /** A plain directory instead of a mount: the tests themselves are tried. */
    public static boolean plain() {
        return !System.getProperty("radax.it.dir", "").isEmpty();
    }

    /** The transport to mount with; empty for the default. */
    public static String transport() {
        return System.getProperty("radax.it.transport", "");
    }

    /** Whether volumes are mounted through libfuse 2. */
    public static boolean throughLibfuse() {
        return transport().equals("jnr-fuse");
    }

    /** Skips what libfuse 2 can not do; ./check lets that pass, of what it runs through libfuse 2. */
    public static void needsKernelTransport(String what) {
        Assumptions.assumeFalse(throughLibfuse(), "not through libfuse 2: " + what);
    }

    static Path plainDirectory() {
        return Path.of(System.getProperty("radax.it.dir"));
    }

    /** Whether seeds, rounds and sizes are those of the nightly profile; through libfuse 2 they are the plain ones. */
    public static boolean nightly() {
        return System.getProperty("radax.check", "").equals("nightly") && !throughLibfuse();
    }

    /** Skips what only a mount can show; never skips in a real run. */
    public static void needsMount() {
        Assumptions.assumeFalse(plain(), "a plain directory is not a mount");
    }

    /** Skips what only root may do. */
    public static void needsRoot() {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "not root");
    }

    /** Skips where a program, of the path or named by one, is missing: ./check fails unless the skip is on its list. */
    public static void needsProgram(String name) {
        Assumptions.assumeTrue(hasProgram(name), name + " is not installed");
    }

    public static boolean hasProgram(String name) {
        boolean found = false;
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            found |= Files.isExecutable(Path.of(directory).resolve(name));
        }
        return found;
    }
}
