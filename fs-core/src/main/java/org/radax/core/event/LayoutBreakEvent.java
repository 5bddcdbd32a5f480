package org.radax.core.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Pages were taken away from who had them mapped, before their blocks are freed. */
@Name("org.radax.LayoutBreak")
@Label("Layout broken")
@Category("Radax")
@StackTrace(false)
public final class LayoutBreakEvent extends Event {
    @Label("Inode")
    public long inode;

    @Label("First page")
    public long firstPage;

    @Label("Last page, exclusive")
    public long lastPage;
}
