package org.radax.core.check;

import java.nio.file.Path;
import java.util.Map;

/** Placeholder until the dumper lands. */
public final class Dumper {
    private Dumper() {}

    /** Shows one structure. */
    public static Object dump(Path pool, String what, String argument) {
        return Map.of("pool", pool.toString(), "what", what, "argument", String.valueOf(argument));
    }
}
