package org.radax.core.volume;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashViolation;

/**
 * Makes one crash image again from its token, {@code workload@point:choice}, with a planted bug and {@code !} before it,
 * and with another {@code @point:choice} for each crash in a recovery, and leaves it as a file.
 */
final class CrashReplay {
    static final String SEQUENCE = "sequence ";

    private final RecordedWorkload workload;
    private final List<String> crashes;

    private CrashReplay(RecordedWorkload workload, List<String> crashes) {
        this.workload = workload;
        this.crashes = crashes;
    }

    /** IllegalArgumentException where there is no such workload. */
    static CrashReplay of(String token) {
        List<String> parts = Arrays.asList(token.split("@", -1));
        if (parts.size() < 2) {
            throw new IllegalArgumentException("workload@point:choice expected, not " + token);
        }
        return new CrashReplay(workload(parts.get(0)), parts.subList(1, parts.size()));
    }

    private static RecordedWorkload workload(String token) {
        int planted = token.indexOf('!');
        PlantedBug bug = planted < 0 ? null : PlantedBug.valueOf(token.substring(0, planted));
        String name = token.substring(planted + 1);
        if (name.startsWith(SEQUENCE)) {
            return new SequenceWorkload(Long.parseLong(name.substring(SEQUENCE.length()))).planted(bug);
        }
        return named().filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no workload " + name))
                .planted(bug);
    }

    /** All but sequences. */
    static Stream<CrashWorkload> named() {
        CrashOptions options = CrashOptions.pairOfOperations();
        Stream<CrashWorkload> onPools = Stream.of(OperationWorkloads.POOL, DataChecksumCrashTest.POOL)
                .flatMap(pool -> Stream.concat(
                        OperationWorkloads.all(options, pool).stream(),
                        OperationWorkloads.pairs(options, pool).stream()));
        Stream<CrashWorkload> others = Stream.concat(
                OperationWorkloads.mapped(options).stream(), AtomicDataCrashTest.writes(options).stream());
        return Stream.concat(onPools, others);
    }

    /** What was found, and how to see it again. */
    static String describe(CrashViolation violation) {
        return violation + "\n  again: ./check crash --replay '" + CrashOracle.innermostToken(violation) + "'";
    }

    /** Saves the image before the oracle sees it, and throws what that throws. */
    void run(Path file) throws Exception {
        String[] first = crashes.get(0).split(":", 2);
        workload.recorded(recorder -> {}, (images, oracle) -> {
            images.replay(
                    Integer.parseInt(first[0]),
                    first[1],
                    image -> oracle.replay(image, crashes.subList(1, crashes.size()), shown -> {
                        shown.save(file);
                        System.out.println(shown + "\nthe image: " + file);
                    }));
            return null;
        });
    }
}
