package org.radax.core.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

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
    public static CheckReport check(Path pool, boolean repair, Consumer<String> progress) throws PoolException {
        try (PoolFile file = PoolFile.open(pool, repair)) {
            PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), file.defaultDomain(), null);
            PoolOpener.superblock(pool, new Image(memory));
            return check(memory, repair, file::provide, progress);
        }
    }

    /** Checks a pool in memory; one without any superblock is a finding. Not for a pool that is mounted. */
    public static CheckReport check(PoolMemory memory, boolean repair, Consumer<String> progress) {
        return check(memory, repair, (poolOffset, lengthBytes) -> {}, progress);
    }

    private static CheckReport check(
            PoolMemory memory, boolean repair, BlockProvider provider, Consumer<String> progress) {
        Image image = new Image(memory);
        Superblock superblock = PoolOpener.soundSuperblock(image);
        if (superblock == null) {
            String problem = Superblock.read(image, Geometry.SUPERBLOCK).problem();
            return new CheckReport(
                    List.of(new Finding("superblock", 0, problem + ", and the replica is no better", false)), Map.of());
        }
        List<Finding> journalFindings = new ArrayList<>();
        JournalWriter journal = repair ? new JournalWriter(memory, superblock) : null;
        int replayed = replay(image, superblock, journal, journalFindings);
        Scan scan = new Scan(image, superblock).run();
        List<Finding> first = scan.context().findings();
        for (int round = 0; repair && round < MAX_ROUNDS; round++) {
            Fixes fixes = scan.context().fixes();
            if (fixes.isEmpty() && scan.isStateSound()) {
                break;
            }
            progress.accept("repair, round " + (round + 1));
            boolean changed = new Repairer(scan, journal, provider, progress).repair();
            scan = new Scan(image, superblock).run();
            if (!changed) {
                break;
            }
        }
        List<Finding> findings = new ArrayList<>(journalFindings);
        findings.addAll(judged(first, scan.context().findings()));
        Map<String, Long> summary = new LinkedHashMap<>();
        summary.put("recordsReplayed", (long) replayed);
        summary.putAll(scan.context().counts());
        return new CheckReport(findings, summary);
    }

    /** Applies the live records: to the pool if there is a journal writer, else to the image alone. */
    private static int replay(Image image, Superblock superblock, JournalWriter journal, List<Finding> findings) {
        byte[] state = new byte[Units.BLOCK_BYTES];
        if (!image.readBlock(Geometry.STATE_BLOCK, state)) {
            return 0;
        }
        JournalReader reader = new JournalReader(image, superblock, Bytes.getLong(state, StateLayout.EPOCH));
        List<JournalReader.LiveRecord> sound = new ArrayList<>();
        for (JournalReader.LiveRecord record : reader.liveRecords()) {
            String problem = reader.problem(record);
            if (problem == null) {
                sound.add(record);
            } else {
                long offset = superblock.geometry().laneOffset(record.lane());
                findings.add(new Finding("journal record", offset, "lane " + record.lane() + ": " + problem, false));
            }
        }
        if (journal == null) {
            sound.forEach(record -> record.forEachWord(image::overlay));
        } else if (!sound.isEmpty()) {
            journal.replay(sound);
        }
        return sound.size();
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
