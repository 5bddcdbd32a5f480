package org.radax.core.scrub;

import java.util.List;
import java.util.Map;

/**
 * What a scrub has seen.
 *
 * @param counts structures that were looked at, the damaged ones included, by kind; kinds that were not met are missing
 * @param bytes how many bytes of them were sound
 * @param findings the first of them
 * @param found how many there are
 * @param paths of the findings' inodes, below the mount point, where one is known
 */
public record ScrubReport(
        Map<Kind, Long> counts, long bytes, List<ScrubFinding> findings, long found, Map<Long, String> paths) {}
