package org.radax.core.crash;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The choices to try at one crash point, extremes first. */
final class ChoiceEnumerator {
    /** Receives choices; returns false to stop. */
    interface ChoiceVisitor {
        boolean choice(CrashChoice choice);
    }

    private final CrashPoint point;
    private final List<PendingUnit> units;
    private final long imageCount;
    private final CrashOptions options;
    private final List<Integer> order;

    ChoiceEnumerator(CrashPoint point, CrashOptions options) {
        this.point = point;
        this.units = point.units();
        this.imageCount = point.imageCount();
        this.options = options;
        this.order = new ArrayList<>(IntStream.range(0, units.size()).boxed().toList());
        if (options.order() != null) {
            order.sort(Comparator.comparing(unit -> units.get(unit).lines().get(0), options.order()));
        }
    }

    boolean isExhaustive() {
        return imageCount <= options.exhaustiveLimit();
    }

    void forEach(ChoiceVisitor visitor) {
        boolean goOn = visitor.choice(CrashChoice.none(units)) && visitor.choice(CrashChoice.all(units));
        if (isExhaustive()) {
            for (long index = 0; goOn && index < imageCount; index++) {
                goOn = visitor.choice(CrashChoice.numbered(units, index));
            }
        } else if (goOn && subsets(visitor)) {
            randoms(visitor);
        }
    }

    /** Single lines (or pages) in every state, larger sets whole ones only, as far as the bound allows. */
    private boolean subsets(ChoiceVisitor visitor) {
        long room = options.imagesPerPoint();
        CrashChoice none = CrashChoice.none(units);
        CrashChoice all = CrashChoice.all(units);
        for (int unit : order) {
            for (int state = 0; state < units.get(unit).states(); state++) {
                if (room-- <= 0) {
                    return true;
                }
                if (!visitor.choice(none.with(unit, state)) || !visitor.choice(all.with(unit, state))) {
                    return false;
                }
            }
        }
        for (int size = 2; size <= Math.min(options.subsetLines(), units.size()); size++) {
            long cost = 2 * binomial(units.size(), size);
            if (cost > room) {
                return true;
            }
            room -= cost;
            if (!subsets(none, all, 0, size, visitor)) {
                return false;
            }
        }
        return true;
    }

    private boolean subsets(CrashChoice kept, CrashChoice lost, int from, int size, ChoiceVisitor visitor) {
        if (size == 0) {
            return visitor.choice(kept) && visitor.choice(lost);
        }
        for (int i = from; i <= order.size() - size; i++) {
            int unit = order.get(i);
            CrashChoice keptToo = kept.with(unit, units.get(unit).states() - 1);
            if (!subsets(keptToo, lost.with(unit, 0), i + 1, size - 1, visitor)) {
                return false;
            }
        }
        return true;
    }

    private void randoms(ChoiceVisitor visitor) {
        for (int i = 0; i < options.randomPerPoint(); i++) {
            long seed = LineHash.mix(options.seed() * 1_000_003 + point.number() * 4099L + i);
            if (!visitor.choice(CrashChoice.random(units, seed))) {
                return;
            }
        }
    }

    /** n over k, or a number above every bound. */
    private static long binomial(long n, int k) {
        long result = 1;
        for (int i = 1; i <= k; i++) {
            if (result > Integer.MAX_VALUE) {
                return Integer.MAX_VALUE;
            }
            result = result * (n - k + i) / i;
        }
        return result;
    }
}
