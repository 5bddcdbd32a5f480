package org.radax.core.volume;

/**
 * Pages and their writeback, since the mount.
 *
 * @param files of which pages are mapped, dirty or reported now
 * @param dirtyPages now
 * @param flushes runs of write-backs that a fence ended
 * @param pagesWritten of 4 KiB
 * @param lockWaits waits for an entry's lock
 * @param lockWakes of these, ended
 */
public record WritebackStatistics(
        long files, long dirtyPages, long flushes, long pagesWritten, long lockWaits, long lockWakes) {}
