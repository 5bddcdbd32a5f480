package org.radax.cli;

import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.radax.core.error.PoolException;
import org.radax.core.volume.FormatOptions;
import org.radax.core.volume.Formatter;
import org.radax.core.volume.Volume;
import org.radax.core.volume.VolumeOptions;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/**
 * Loads what a start needs, while the launcher's build has the JVM write a class-data-sharing archive of it. Later
 * starts then map these classes instead of parsing them.
 */
@Command(name = "warm-up", hidden = true, description = "Used by the launcher's build.")
final class WarmUpCommand implements Callable<Integer> {
    private static final long POOL_BYTES = 16L << 20;

    @Override
    public Integer call() throws IOException, ClassNotFoundException, JsonParserException {
        for (String jar : System.getProperty("java.class.path").split(":", -1)) {
            if (jar.endsWith(".jar")) {
                loadClasses(jar);
            }
        }
        LoggerFactory.getLogger(WarmUpCommand.class).debug("warming up");
        StringWriter ignored = new StringWriter();
        Radax.run(new PrintWriter(ignored), new PrintWriter(ignored), "mount", "--help");
        usePool();
        return 0;
    }

    private static void loadClasses(String jar) throws IOException, ClassNotFoundException {
        try (JarFile file = new JarFile(jar)) {
            Enumeration<JarEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                String name = entries.nextElement().getName();
                if (name.startsWith("org/radax/") && name.endsWith(".class") && !name.endsWith("-info.class")) {
                    Class.forName(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                            false,
                            WarmUpCommand.class.getClassLoader());
                }
            }
        }
    }

    /** A small pool, made and opened: most classes that a mount needs. */
    private static void usePool() throws IOException {
        Path directory = Files.createTempDirectory("radax-warm-up");
        Path pool = directory.resolve("pool");
        try {
            Formatter.format(new FormatOptions(pool, POOL_BYTES, "", UUID.randomUUID(), 0600, -1, false, false));
            try (Volume volume = Volume.open(pool, VolumeOptions.defaults())) {
                volume.info();
            }
        } catch (PoolException e) {
            // No room in the temporary directory, say: the archive is a little smaller then.
            LoggerFactory.getLogger(WarmUpCommand.class).debug("no pool to warm up with", e);
        } finally {
            Files.deleteIfExists(pool);
            Files.deleteIfExists(directory);
        }
    }
}
