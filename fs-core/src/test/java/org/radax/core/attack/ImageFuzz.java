package org.radax.core.attack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.radax.core.attack.Attack.Stage;
import org.radax.core.error.FsException;

/**
 * An input is damage to a pool: a byte says what is done to it then, 16 are a step. For a fuzzer that is guided by
 * coverage, which gets further by many short attacks than by few long ones.
 */
public final class ImageFuzz {
    private static final int STEP_BYTES = 16;
    private static final int MOST_STEPS = 8;
    private static Attack attack;

    private ImageFuzz() {}

    /** Before the first input, which is timed. A small volume: instrumented code is slow. */
    public static void fuzzerInitialize() throws FsException {
        attack = new Attack(RichVolume.bytes(20));
    }

    public static void fuzzerTestOneInput(byte[] input) throws FsException, InterruptedException {
        if (attack == null) {
            fuzzerInitialize();
        }
        ByteBuffer bytes = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
        Stage[] stages = Stage.values();
        Stage stage = stages[bytes.hasRemaining() ? bytes.get() & 3 : 0];
        List<Step> recipe = recipe(bytes);
        String failure = attack.run(recipe, Set.of(stage));
        if (failure != null) {
            throw new AssertionError(stage + ": "
                    + String.join("; ", recipe.stream().map(Step::toString).toList()) + "\n" + failure);
        }
    }

    private static List<Step> recipe(ByteBuffer bytes) {
        List<String> layouts = attack.structures.all().stream()
                .map(Structure::layout)
                .distinct()
                .toList();
        List<Step> steps = new ArrayList<>();
        while (bytes.remaining() >= STEP_BYTES && steps.size() < MOST_STEPS) {
            String layout = layouts.get((bytes.get() & 0xff) % layouts.size());
            int index = bytes.get() & 0xff;
            int shape = bytes.getShort();
            int place = bytes.getInt() & 0xffff;
            long value = bytes.getLong();
            if ((shape & 0x700) == 0) {
                String target = layouts.get((int) (value & 0xff) % layouts.size());
                steps.add(new Step.Copy(layout, index, target, (int) (value >>> 8 & 0xff), 8 * (place & 7)));
                continue;
            }
            int length = 1 << (shape & 3);
            int room = attack.structures.of(layout).get(0).checkedBytes() / length;
            steps.add(new Step.Store(layout, index, place % room * length, length, value, (shape & 0x70) != 0));
        }
        return steps;
    }
}
