package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.crash.CallSite;
import org.radax.core.crash.CallSites;
import org.radax.core.volume.PowerCutOracle;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.PowerCut;
import org.radax.it.harness.Volume;

/**
 * Takes each write-back, each fence and each journal record away in turn under a mount that is used through the kernel,
 * and cuts the power at each fence of an operation: the general oracle must notice every one.
 */
@Timeout(3600)
final class MutationIT {
    /** Of the operations that reach a place, so many are tried, and each so often until it comes by there. */
    private static final int MOST_TRIES = 12;

    /** Of the operations, outside the nightly profile: every so many. */
    private static final int STEP = 6;

    /** Images by chance at each fence. */
    private static final int BY_CHANCE = 4;

    private final Map<MountedOperation.Mount, Volume> volumes = new EnumMap<>(MountedOperation.Mount.class);
    private int runs;

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
        Environment.needsKernelTransport("mapping files onto the pool");
    }

    @AfterEach
    void unmount() throws Exception {
        for (Volume volume : volumes.values()) {
            volume.close();
        }
    }

    private Volume volume(MountedOperation operation) throws Exception {
        Volume volume = volumes.get(operation.mount());
        if (volume == null) {
            volume = operation.mount().make();
            volumes.put(operation.mount(), volume);
        }
        return volume;
    }

    /** What a run has come by, and what was found; null if nothing. */
    private record Result(Set<CallSite> sites, String found) {}

    private Result run(MountedOperation operation, CallSite without) throws Exception {
        Volume volume = volume(operation);
        Path directory = Files.createDirectory(volume.directory().resolve("run" + runs++));
        operation.prepare().run(volume, directory);
        Map<CallSite, Long> before = PowerCut.callSites(volume);
        PowerCut.trace(volume, without);
        operation.action().run(volume, directory);
        List<PowerCut.Image> images = PowerCut.traced(volume, BY_CHANCE);
        Set<CallSite> sites = new TreeSet<>();
        PowerCut.callSites(volume).forEach((site, count) -> {
            if (count > before.getOrDefault(site, 0L)) {
                sites.add(site);
            }
        });
        operation.undo().run(volume, directory);
        FileTrees.delete(directory);
        String found = judge(operation, images);
        for (PowerCut.Image image : images) {
            Files.delete(image.file());
        }
        return new Result(sites, found);
    }

    /** Of the first point all that is not durable is lost: nothing was done. Of the last one it is all kept. */
    private static String judge(MountedOperation operation, List<PowerCut.Image> images) throws Exception {
        List<PowerCut.Image> atTheEnd =
                images.stream().filter(PowerCut.Image::returned).toList();
        Path done = atTheEnd.get(Math.min(1, atTheEnd.size() - 1)).file();
        PowerCutOracle oracle = new PowerCutOracle(images.get(0).file(), done, operation.promises());
        for (PowerCut.Image image : images) {
            try {
                oracle.check(image.file(), image.returned());
            } catch (Exception | AssertionError | InternalError e) {
                return e.toString();
            }
        }
        return null;
    }

    @Test
    void shouldNoticeEveryMissingWriteBackFenceAndRecord() throws Exception {
        Map<String, CallSite> all = CallSites.scan();
        List<MountedOperation> operations = MountedOperation.all();
        if (!Environment.nightly()) {
            sample(operations);
            return;
        }
        List<Set<CallSite>> reached = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (MountedOperation operation : operations) {
            Result sound = run(operation, null);
            if (sound.found != null) {
                problems.add(operation.name() + ", with nothing missing: " + sound.found);
            }
            reached.add(sound.found == null ? sound.sites : Set.of());
        }
        StringBuilder table = new StringBuilder();
        for (Map.Entry<String, CallSite> place : all.entrySet()) {
            String by = firstToNotice(CallSites.key(place.getValue()), operations, reached);
            String reason = CallSites.list().get(place.getKey()).notMounted();
            if (by != null) {
                table.append(place.getKey()).append('\t').append(by).append('\n');
            }
            if ((by == null) == reason.isEmpty()) {
                problems.add(place.getKey() + ": " + (by == null ? "not noticed" : "noticed by " + by));
            }
        }
        System.out.print(table);
        Path results = Environment.project().resolve("it-tests/target/mutation/mounted.tsv");
        Files.createDirectories(results.getParent());
        Files.writeString(results, table.toString());
        assertEquals("", String.join("\n", problems));
    }

    private String firstToNotice(CallSite site, List<MountedOperation> operations, List<Set<CallSite>> reached)
            throws Exception {
        int tries = 0;
        for (int i = 0; i < operations.size() && tries < MOST_TRIES; i++) {
            if (reached.get(i).contains(site)) {
                tries++;
                if (runBy(operations.get(i), site).found != null) {
                    return operations.get(i).name();
                }
            }
        }
        return null;
    }

    /** Where an inode finds room depends on when the kernel lets go of others: not every run comes by the same places. */
    private Result runBy(MountedOperation operation, CallSite site) throws Exception {
        Result result = run(operation, site);
        for (int i = 1; i < MOST_TRIES && !result.sites.contains(site); i++) {
            result = run(operation, site);
        }
        return result;
    }

    /** A few operations, sound, and each without its first write-back. */
    private void sample(List<MountedOperation> operations) throws Exception {
        for (int i = 0; i < operations.size(); i += STEP) {
            MountedOperation operation = operations.get(i);
            Result sound = run(operation, null);
            assertNull(sound.found, operation.name());
            assertFalse(sound.sites.isEmpty(), operation.name());
            CallSite record = sound.sites.stream()
                    .filter(site -> site.kind() == CallSite.Kind.WRITE_BACK)
                    .findFirst()
                    .orElseThrow();
            assertFalse(run(operation, record).found == null, operation.name() + " without " + record);
        }
    }
}
