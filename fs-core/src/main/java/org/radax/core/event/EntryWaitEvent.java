package org.radax.core.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A thread waited for an entry that another had locked. */
@Name("org.radax.EntryWait")
@Label("Wait for an entry")
@Category("Radax")
@StackTrace(false)
public final class EntryWaitEvent extends Event {
    @Label("Inode")
    public long inode;

    @Label("Page")
    public long page;
}
