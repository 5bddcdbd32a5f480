package org.radax.core.scrub;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a scrub has seen so far. One thread's. */
public final class ScrubLog {
    /** Findings that are kept; more are counted. */
    private static final int MOST_KEPT = 1000;

    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<ScrubFinding> findings = new ArrayList<>();
    private long bytes;
    private long found;
    private long blocks;

    /** A sound structure. */
    public void sound(Kind kind, long lengthBytes) {
        counts.merge(kind, 1L, Long::sum);
        bytes += lengthBytes;
    }

    public void damaged(ScrubFinding finding) {
        counts.merge(finding.kind(), 1L, Long::sum);
        found++;
        if (findings.size() < MOST_KEPT) {
            findings.add(finding);
        }
    }

    /** Blocks in use that the scrub has come past, whether or not they have a checksum: its progress. */
    public void passed(long blockCount) {
        blocks += blockCount;
    }

    public long blocks() {
        return blocks;
    }

    public long found() {
        return found;
    }

    public List<ScrubFinding> findings() {
        return findings;
    }

    public ScrubReport report(Map<Long, String> paths) {
        return new ScrubReport(counts, bytes, findings, found, paths);
    }
}
