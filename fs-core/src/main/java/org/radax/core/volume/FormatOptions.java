package org.radax.core.volume;

import java.nio.file.Path;
import java.util.UUID;

/**
 * What {@code mkfs} makes.
 *
 * @param pool the file (made if missing) or device
 * @param sizeBytes 16 MiB to 16 TiB; 0: the size of the existing file or device
 * @param label up to 32 bytes of UTF-8
 * @param mode permission bits of the pool file
 * @param gid group of the pool file, or -1 to leave it
 * @param force overwrite what holds a pool (or anything else) already
 * @param dataChecksums keep a checksum of each block of files
 */
public record FormatOptions(
        Path pool, long sizeBytes, String label, UUID uuid, int mode, int gid, boolean force, boolean dataChecksums) {}
