package org.radax.core.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** What {@code radax info} shows of a pool or mounted volume; a snapshot. */
public record VolumeInfo(
        Path pool,
        UUID uuid,
        String label,
        String formatVersion,
        List<String> features,
        long sizeBytes,
        long totalBlocks,
        long freeBlocks,
        long reservedBlocks,
        long groupCount,
        long groupsInUse,
        long inodesInUse,
        int lanes,
        long laneBytes,
        long createdNanos,
        long lastMountedNanos,
        long mountCount,
        boolean clean,
        String domain,
        String poolKind,
        boolean readOnly,
        long openFiles,
        long referencedInodes,
        List<String> remarks) {}
