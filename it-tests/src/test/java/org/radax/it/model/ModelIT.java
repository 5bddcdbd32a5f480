package org.radax.it.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Volume;

/** Random operations on a mount against a model; replay a seed with {@code -Dradax.it.seed=N}. */
final class ModelIT {
    private static final int OPERATIONS = 3_000;
    private static final int COMPARE_EVERY = 60;
    private static int umask;

    @BeforeAll
    static void clearUmask() {
        umask = Posix.LIBC.umask(0);
    }

    @AfterAll
    static void restoreUmask() {
        Posix.LIBC.umask(umask);
    }

    static LongStream seeds() {
        Long one = Long.getLong("radax.it.seed");
        return one != null ? LongStream.of(one) : LongStream.rangeClosed(1, Environment.nightly() ? 200 : 10);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldBehaveAsTheModel(long seed) throws Exception {
        run(seed, ModelFileSystem.Access.RELATIME);
    }

    @Test
    void shouldMarkEveryAccessIfToldSo() throws Exception {
        Environment.needsMount();
        run(0, ModelFileSystem.Access.STRICTATIME, "--cache=none", "-o", "strictatime");
    }

    @Test
    @Tag("smoke")
    void shouldBehaveAsTheModelOnce() throws Exception {
        run(0, ModelFileSystem.Access.RELATIME);
    }

    private static void run(long seed, ModelFileSystem.Access access, String... mountOptions)
            throws IOException, InterruptedException {
        try (Volume volume = Volume.mounted("256M", mountOptions)) {
            boolean zeroRange = ModelRun.hasZeroRange(volume.directory());
            Path root = Files.createDirectory(volume.directory().resolve("root"));
            try (ModelRun model = new ModelRun(root, seed, zeroRange, access)) {
                for (int i = 1; i <= OPERATIONS; i++) {
                    model.step();
                    if (i % COMPARE_EVERY == 0) {
                        model.compareTree();
                    }
                }
                model.closeFiles();
                volume.cycle();
                model.compareTree();
            }
            volume.unmount();
            volume.fsckClean();
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + " (-Dradax.it.seed=" + seed + "): " + e.getMessage(), e);
        }
    }
}
