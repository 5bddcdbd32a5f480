package org.radax.core.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.core.error.FsException;

/** Pools that somebody damaged by chance, or on purpose: errors with a number, and nothing worse ({@link Attack}). */
@Tag("slow")
final class ImageAttackTest {
    private static final String MODE = System.getProperty("radax.check", "");
    private static final long PLAIN_RECIPES = 250;

    private final Attack attack;

    ImageAttackTest() throws FsException {
        attack = new Attack(RichVolume.bytes());
    }

    @AfterEach
    void close() {
        attack.close();
    }

    private void survives(String name, List<Step> recipe) throws InterruptedException {
        String failure = attack.run(recipe);
        assertNull(failure, () -> name + ": " + text(recipe) + "\n" + failure);
    }

    private static String text(List<Step> recipe) {
        return String.join("; ", recipe.stream().map(Step::toString).toList());
    }

    @Test
    void shouldUseSoundPool() throws Exception {
        attack.requireSound();
        survives("sound", List.of());
        assertEquals(4, attack.mounted());
    }

    /** What was found once. */
    @Test
    void shouldSurviveCorpus() throws Exception {
        int recipes = 0;
        for (String line : corpus()) {
            survives("corpus", parse(line));
            recipes++;
        }
        assertTrue(recipes > 10, recipes + " recipes");
    }

    private static List<String> corpus() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(ImageAttackTest.class.getResourceAsStream("corpus.txt")),
                StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    static List<Step> parse(String line) {
        List<Step> steps = new ArrayList<>();
        for (String step : line.split("; ")) {
            steps.add(Step.parse(step));
        }
        return steps;
    }

    /** Each bit of the head of one structure of each kind, checksum mended; nightly with and without. */
    @Test
    void shouldSurviveFlippedBits() throws Exception {
        boolean nightly = MODE.equals("nightly");
        int step = nightly ? 1 : 193;
        List<String> layouts = attack.structures.all().stream()
                .map(Structure::layout)
                .distinct()
                .toList();
        for (String layout : layouts) {
            Structure structure = attack.structures.of(layout).get(0);
            int bits = Math.min(256, structure.checkedBytes()) * Byte.SIZE;
            for (int bit = 0; bit < bits; bit += step) {
                long flipped = attack.byteAt(structure.poolOffset() + bit / 8) ^ (1 << (bit & 7));
                for (boolean mended : nightly ? new boolean[] {true, false} : new boolean[] {true}) {
                    survives("bit", List.of(new Step.Store(layout, 0, bit / 8, 1, flipped, mended)));
                }
            }
        }
    }

    @Test
    void shouldSurviveRecipes() throws Exception {
        long recipes = MODE.equals("nightly") ? 80 * PLAIN_RECIPES : MODE.equals("fast") ? 100 : PLAIN_RECIPES;
        for (long seed = 0; seed < recipes; seed++) {
            survives("seed " + seed, new Generator(attack.structures, seed).recipe());
        }
        assertTrue(attack.mounted() > recipes && attack.refused() > 0, attack.mounted() + " " + attack.refused());
    }
}
