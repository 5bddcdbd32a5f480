package org.radax.core.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signals of other processes. */
public final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
    private static final String PENDING = "SigPnd:\t";
    private static final long SIGKILL = 1L << 8;
    private static final int HEX = 16;

    private Signals() {}

    /**
     * Whether a thread that waits in the kernel is going to die before it sees an answer ({@code fatal_signal_pending}). A
     * fatal signal, whichever, has become SIGKILL for each thread by then. FUSE's INTERRUPT does not say it: it comes for any
     * signal, once, and no filesystem ends an fsync for a signal that the program handles.
     */
    public static boolean isBeingKilled(int thread) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Integer.toString(thread), "status"))) {
                if (line.startsWith(PENDING)) {
                    return (Long.parseUnsignedLong(line.substring(PENDING.length()), HEX) & SIGKILL) != 0;
                }
            }
        } catch (IOException e) {
            LOG.debug("thread {} is not to be seen: {}", thread, e.toString());
        }
        return false;
    }
}
