package org.radax.core.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A process touched a page that it had not mapped. */
@Name("org.radax.Fault")
@Label("Page fault")
@Category("Radax")
@StackTrace(false)
public final class FaultEvent extends Event {
    @Label("Inode")
    public long inode;

    @Label("Page")
    public long page;

    @Label("Store")
    public boolean store;
}
