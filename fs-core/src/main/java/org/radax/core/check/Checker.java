package org.radax.core.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;

/**
 * Checks pools against docs/FORMAT.md, and repairs what can be repaired without guessing: superblocks from each other,
 * lane headers, the volume state, bitmaps, counts, link counts, parents, directories whose entries lie wrong or lead
 * nowhere, extents that lie wrong, orphans, and inodes without a name, which go to lost+found. Of a block with two
 * owners the fixed structures come first, then inode chunks, then inodes by ascending number, the root before all:
 * the later owner loses it, in a file as a hole. What can not be read is left, and as long as something is left that
 * owns blocks or holds names nothing is freed, and nothing is taken for nameless.
 */
public final class Checker {
    private static final int MAX_ROUNDS = 12;

    private Checker() {}

    /**
     * Checks a pool that nobody else has open.
     *
     * @throws PoolException when it can not be opened, or is not a pool of this version
     */
    public static CheckReport check(Path pool, CheckMode mode, CheckProgress progress) throws PoolException {
        try (PoolFile file = PoolFile.open(pool, mode.repair())) {
            PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), file.defaultDomain(), null);
            PoolOpener.superblock(pool, new Image(memory));
            return check(memory, mode, file::provide, progress);
        }
    }

    /** As {@link #check(Path, CheckMode, CheckProgress)}. */
    public static CheckReport check(Path pool, boolean repair, CheckProgress progress) throws PoolException {
        return check(pool, new CheckMode(repair, false), progress);
    }

    /** Checks a pool in memory; one without any superblock is a finding. Not for a pool that is mounted. */
    public static CheckReport check(PoolMemory memory, boolean repair, CheckProgress progress) {
        return check(memory, new CheckMode(repair, false), progress);
    }

    /** As {@link #check(PoolMemory, boolean, CheckProgress)}. */
    public static CheckReport check(PoolMemory memory, CheckMode mode, CheckProgress progress) {
        return check(memory, mode, (poolOffset, lengthBytes) -> {}, progress);
    }

    private static CheckReport check(
            PoolMemory memory, CheckMode mode, BlockProvider provider, CheckProgress progress) {
        boolean repair = mode.repair();
        Image image = new Image(memory);
        Superblock superblock = PoolOpener.soundSuperblock(image);
        if (superblock == null) {
            String problem = Superblock.read(image, Geometry.SUPERBLOCK).problem();
            return new CheckReport(
                    List.of(new Finding("superblock", 0, problem + ", and the replica is no better", false)), Map.of());
        }
        JournalCheck lanes = new JournalCheck(image, superblock, repair);
        JournalWriter journal = null;
        if (repair) {
            lanes.mend();
            journal = new JournalWriter(memory, superblock);
            if (!lanes.live().isEmpty()) {
                journal.replay(lanes.live());
            }
        } else {
            lanes.live().forEach(record -> record.forEachWord(image::overlay));
        }
        Scan scan = new Scan(image, superblock, mode.data()).run(progress);
        List<Finding> first = scan.context().findings();
        for (int round = 0; repair && round < MAX_ROUNDS; round++) {
            Fixes fixes = scan.context().fixes();
            if (fixes.isEmpty() && scan.isStateSound()) {
                break;
            }
            progress.line("repair, round " + (round + 1));
            boolean changed = new Repairer(scan, journal, provider, progress).repair();
            scan = new Scan(image, superblock, mode.data()).run(progress);
            if (!changed) {
                break;
            }
        }
        List<Finding> findings = new ArrayList<>(lanes.findings());
        findings.addAll(judged(first, scan.context().findings()));
        Map<String, Long> summary = new LinkedHashMap<>();
        summary.put("recordsReplayed", (long) lanes.live().size());
        summary.putAll(scan.context().counts());
        return new CheckReport(findings, summary);
    }

    /** What was found at first, repaired if it is gone, and what is left besides. */
    private static List<Finding> judged(List<Finding> first, List<Finding> left) {
        List<Finding> judged = new ArrayList<>();
        Set<Finding> leftSet = new HashSet<>(left);
        for (Finding finding : first) {
            boolean isLeft = leftSet.contains(finding);
            judged.add(
                    isLeft ? finding : new Finding(finding.structure(), finding.poolOffset(), finding.message(), true));
        }
        Set<Finding> firstSet = new HashSet<>(first);
        left.stream().filter(finding -> !firstSet.contains(finding)).forEach(judged::add);
        return judged;
    }
}
