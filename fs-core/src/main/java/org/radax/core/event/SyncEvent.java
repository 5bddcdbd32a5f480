package org.radax.core.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A file was synced: fsync, msync, or in the background. */
@Name("org.radax.Sync")
@Label("Sync")
@Category("Radax")
@StackTrace(false)
public final class SyncEvent extends Event {
    @Label("Inode")
    public long inode;

    @Label("Entries scanned")
    public long scanned;

    @Label("Pages written back")
    public long pages;

    @Label("Cache lines written back")
    public long lines;

    @Label("Waits for others")
    public long waits;
}
