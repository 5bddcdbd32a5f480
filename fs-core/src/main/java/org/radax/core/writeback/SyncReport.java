package org.radax.core.writeback;

/**
 * What a sync did.
 *
 * @param commits transactions of metadata
 * @param scanned entries that were tagged for it
 * @param pages of 4 KiB, written back
 * @param lines cache lines of 64 bytes, written back
 * @param waits for entries that others had locked, and for the fences of others
 */
public record SyncReport(long commits, long scanned, long pages, long lines, long waits) {
    public static final SyncReport NOTHING = new SyncReport(0, 0, 0, 0, 0);

    /** The two as one. */
    public SyncReport plus(SyncReport other) {
        return new SyncReport(
                commits + other.commits,
                scanned + other.scanned,
                pages + other.pages,
                lines + other.lines,
                waits + other.waits);
    }

    /** Of metadata alone. */
    public static SyncReport committed(long transactions) {
        return new SyncReport(transactions, 0, 0, 0, 0);
    }
}
