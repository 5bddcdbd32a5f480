package org.radax.core.crash;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which state each pending line of a crash point has, or each pending page. Its text says how it was made and makes it again:
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
    private final List<PendingUnit> units;
    private final int[] states;
    private final int[] lineStates;

    private CrashChoice(String text, List<PendingUnit> units, int[] states) {
        this.text = text;
        this.units = units;
        this.states = states;
        this.lineStates =
                new int[units.stream().mapToInt(unit -> unit.lines().size()).sum()];
        int line = 0;
        for (int i = 0; i < states.length; i++) {
            units.get(i).lineStates(states[i], lineStates, line);
            line += units.get(i).lines().size();
        }
    }

    static CrashChoice none(List<PendingUnit> units) {
        return new CrashChoice(NONE, units, new int[units.size()]);
    }

    static CrashChoice all(List<PendingUnit> units) {
        return new CrashChoice(ALL, units, allStates(units));
    }

    static CrashChoice numbered(List<PendingUnit> units, long index) {
        int[] states = new int[units.size()];
        long rest = index;
        for (int i = 0; i < states.length; i++) {
            int count = units.get(i).states();
            states[i] = (int) (rest % count);
            rest /= count;
        }
        return new CrashChoice("#" + index, units, states);
    }

    /** This choice with one unit in another state. */
    CrashChoice with(int unit, int state) {
        int[] changed = states.clone();
        changed[unit] = state;
        return new CrashChoice(text + "+" + unit + "=" + state, units, changed);
    }

    /** Units are kept with a density drawn first, some of them in part. */
    static CrashChoice random(List<PendingUnit> units, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double density = random.nextDouble();
        int[] states = new int[units.size()];
        for (int i = 0; i < states.length; i++) {
            int count = units.get(i).states();
            if (random.nextInt(4) == 0) {
                states[i] = random.nextInt(count);
            } else {
                states[i] = random.nextDouble() < density ? count - 1 : 0;
            }
        }
        return new CrashChoice(RANDOM + seed, units, states);
    }

    /** Makes a choice from its text; IllegalArgumentException if it does not fit the point. */
    static CrashChoice parse(String text, CrashPoint point) {
        List<PendingUnit> units = point.units();
        if (text.startsWith(RANDOM)) {
            return random(units, Long.parseLong(text.substring(RANDOM.length())));
        }
        if (text.startsWith("#")) {
            return numbered(units, Long.parseLong(text.substring(1)));
        }
        String[] parts = text.split("\\+", -1);
        CrashChoice choice = switch (parts[0]) {
            case NONE -> none(units);
            case ALL -> all(units);
            default -> throw new IllegalArgumentException("no such choice: " + text);
        };
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("line=state expected, not " + part + " in " + text);
            }
            int unit = Integer.parseInt(part.substring(0, equals));
            int state = Integer.parseInt(part.substring(equals + 1));
            if (unit < 0
                    || unit >= units.size()
                    || state < 0
                    || state >= units.get(unit).states()) {
                throw new IllegalArgumentException(point + " has no state " + part);
            }
            choice = choice.with(unit, state);
        }
        return choice;
    }

    private static int[] allStates(List<PendingUnit> units) {
        return units.stream().mapToInt(unit -> unit.states() - 1).toArray();
    }

    /** The state of a pending line, by its place among them. */
    int state(int line) {
        return lineStates[line];
    }

    /** What the crash left of each pending line or page, for a person: {@code 4096=lost 4160=kept 4224=3/8}. */
    public String describe() {
        StringBuilder description = new StringBuilder();
        int shown = Math.min(states.length, 64);
        for (int i = 0; i < shown; i++) {
            PendingUnit unit = units.get(i);
            int last = unit.states() - 1;
            description.append(i == 0 ? "" : " ").append(unit.poolOffset()).append('=');
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
