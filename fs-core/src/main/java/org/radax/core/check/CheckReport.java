package org.radax.core.check;

import java.util.List;
import java.util.Map;

/** What a check found, and what it counted. */
public final class CheckReport {
    private static final int CLEAN = 0;
    private static final int REPAIRED = 1;
    private static final int ERRORS_LEFT = 4;

    private final List<Finding> findings;
    private final Map<String, Long> summary;

    CheckReport(List<Finding> findings, Map<String, Long> summary) {
        this.findings = List.copyOf(findings);
        this.summary = summary;
    }

    public List<Finding> findings() {
        return findings;
    }

    /** As fsck(8): 0 clean, 1 everything repaired, 4 errors left. */
    public int exitCode() {
        if (findings.stream().anyMatch(finding -> !finding.repaired())) {
            return ERRORS_LEFT;
        }
        return findings.isEmpty() ? CLEAN : REPAIRED;
    }

    /** Counts with their units in the names, in a fixed order. */
    public Map<String, Long> summary() {
        return summary;
    }

    @Override
    public String toString() {
        return findings + " " + summary;
    }
}
