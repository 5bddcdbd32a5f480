package org.radax.core.writeback;

/**
 * What a sync did.
 *
 * @param scanned entries that were tagged for it
 * @param pages of 4 KiB, written back
 * @param lines cache lines of 64 bytes, written back
 */
public record SyncReport(long scanned, long pages, long lines) {
    public static final SyncReport NOTHING = new SyncReport(0, 0, 0);

    SyncReport plus(SyncReport other) {
        return new SyncReport(scanned + other.scanned, pages + other.pages, lines + other.lines);
    }
}
