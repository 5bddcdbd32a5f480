package org.radax.core.crash;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which state each pending line of a crash point has. Its text says how it was made and makes it again:
 *
 * <pre>
 * none             nothing pending is kept
 * all              everything is kept
 * #17              the 17th of all images, counted in mixed radix
 * none+3=2+5=1     nothing, but two words of line 3 and one of line 5
 * all+3=0          everything, but line 3 lost
 * random:42        drawn with this seed
 * </pre>
 */
public final class CrashChoice {
    private static final String NONE = "none";
    private static final String ALL = "all";
    private static final String RANDOM = "random:";

    private final String text;
    private final int[] states;

    private CrashChoice(String text, int[] states) {
        this.text = text;
        this.states = states;
    }

    static CrashChoice none(List<PendingLine> lines) {
        return new CrashChoice(NONE, new int[lines.size()]);
    }

    static CrashChoice all(List<PendingLine> lines) {
        return new CrashChoice(ALL, allStates(lines));
    }

    static CrashChoice numbered(List<PendingLine> lines, long index) {
        int[] states = new int[lines.size()];
        long rest = index;
        for (int i = 0; i < states.length; i++) {
            int count = lines.get(i).states();
            states[i] = (int) (rest % count);
            rest /= count;
        }
        return new CrashChoice("#" + index, states);
    }

    /** This choice with one line in another state. */
    CrashChoice with(int line, int state) {
        int[] changed = states.clone();
        changed[line] = state;
        return new CrashChoice(text + "+" + line + "=" + state, changed);
    }

    /** Lines are kept with a density drawn first, some of them in part. */
    static CrashChoice random(List<PendingLine> lines, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double density = random.nextDouble();
        int[] states = new int[lines.size()];
        for (int i = 0; i < states.length; i++) {
            int count = lines.get(i).states();
            if (random.nextInt(4) == 0) {
                states[i] = random.nextInt(count);
            } else {
                states[i] = random.nextDouble() < density ? count - 1 : 0;
            }
        }
        return new CrashChoice(RANDOM + seed, states);
    }

    /** Makes a choice from its text; IllegalArgumentException if it does not fit the point. */
    static CrashChoice parse(String text, CrashPoint point) {
        List<PendingLine> lines = point.pending();
        if (text.startsWith(RANDOM)) {
            return random(lines, Long.parseLong(text.substring(RANDOM.length())));
        }
        if (text.startsWith("#")) {
            return numbered(lines, Long.parseLong(text.substring(1)));
        }
        String[] parts = text.split("\\+", -1);
        CrashChoice choice = switch (parts[0]) {
            case NONE -> none(lines);
            case ALL -> all(lines);
            default -> throw new IllegalArgumentException("no such choice: " + text);
        };
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("line=state expected, not " + part + " in " + text);
            }
            int line = Integer.parseInt(part.substring(0, equals));
            int state = Integer.parseInt(part.substring(equals + 1));
            if (line < 0
                    || line >= lines.size()
                    || state < 0
                    || state >= lines.get(line).states()) {
                throw new IllegalArgumentException(point + " has no state " + part);
            }
            choice = choice.with(line, state);
        }
        return choice;
    }

    private static int[] allStates(List<PendingLine> lines) {
        return lines.stream().mapToInt(line -> line.states() - 1).toArray();
    }

    int state(int line) {
        return states[line];
    }

    /** What the crash left of each pending line, for a person: {@code 4096=lost 4160=kept 4224=3/8}. */
    String describe(CrashPoint point) {
        StringBuilder description = new StringBuilder();
        int shown = Math.min(states.length, 64);
        for (int i = 0; i < shown; i++) {
            PendingLine line = point.pending().get(i);
            int last = line.states() - 1;
            description.append(i == 0 ? "" : " ").append(line.poolOffset()).append('=');
            description.append(states[i] == 0 ? "lost" : states[i] == last ? "kept" : states[i] + "/" + last);
        }
        return shown < states.length
                ? description
                        .append(" and ")
                        .append(states.length - shown)
                        .append(" more")
                        .toString()
                : description.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
