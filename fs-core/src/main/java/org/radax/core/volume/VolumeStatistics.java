package org.radax.core.volume;

/** What statfs shows, in blocks of 4 KiB. Filled by the volume; plain data. */
public final class VolumeStatistics {
    public long totalBlocks;
    public long freeBlocks;
    /** Free to applications: the reserve that keeps a full volume removable is left out. */
    public long availableBlocks;

    public long totalInodes;
    public long freeInodes;
    /** Low 64 bits of the volume UUID. */
    public long fsid;
}
