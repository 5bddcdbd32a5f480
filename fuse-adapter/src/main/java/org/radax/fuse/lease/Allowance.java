package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/** What the clients of one user together may take of the server, and of others' time. Thread-safe. */
final class Allowance {
    static final int MOST_CLIENTS = 128;

    /** Leases, regions, and pieces of files that they show; each is some hundred bytes of the server's memory. */
    static final int MOST_RECORDS = 200_000;

    private static final int MOST_LINES = 50;
    private static final long LINES_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A busy machine makes anybody wait as long: that costs nothing. */
    private static final long ORDINARY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Of the limit: what a client gets when the others have used up all patience, half as much after each that did not
     * answer, but for a moment. So all of them together stay within the limit.
     */
    private static final int LEAST_PART = 8;

    private static final int MOST_HALVINGS = 7;

    /** Patience comes back at this part of the time that passes. */
    private static final int RECOVERY = 20;

    private final long limitNanos;
    private final long mostNanos;

    @GuardedBy("this")
    private long patienceNanos;

    /** Since patience was whole. */
    @GuardedBy("this")
    private int unanswered;

    @GuardedBy("this")
    private long patienceAsOf;

    @GuardedBy("this")
    private int clients;

    @GuardedBy("this")
    private int records;

    @GuardedBy("this")
    private int lines;

    @GuardedBy("this")
    private long linesSince;

    /** @param limitNanos how long others wait for the user's clients at most, in one go */
    Allowance(long limitNanos, long nowNanos) {
        this.limitNanos = limitNanos;
        this.mostNanos = limitNanos / 2;
        this.patienceNanos = mostNanos;
        this.patienceAsOf = nowNanos;
        this.linesSince = nowNanos;
    }

    /** False if there are too many. */
    synchronized boolean addClient() {
        if (clients >= MOST_CLIENTS) {
            return false;
        }
        clients++;
        return true;
    }

    synchronized void removeClient() {
        clients--;
    }

    /** @throws FsException ENOMEM if there are too many */
    synchronized void take(int count) throws FsException {
        if (records + count > MOST_RECORDS) {
            throw new FsException(
                    Errno.ENOMEM, "map", "the processes of this user have mapped too much, or too fragmented files");
        }
        records += count;
    }

    /** Takes, or with a negative number gives back, what there already is. */
    synchronized void adjust(int count) {
        records += count;
    }

    synchronized int records() {
        return records;
    }

    /** How long a client may be waited for now. */
    synchronized long patienceNanos(long nowNanos) {
        patienceNanos = Math.min(mostNanos, patienceNanos + (nowNanos - patienceAsOf) / RECOVERY);
        patienceAsOf = nowNanos;
        if (patienceNanos == mostNanos) {
            unanswered = 0;
        }
        return Math.max(patienceNanos, (limitNanos / LEAST_PART) >> Math.min(unanswered, MOST_HALVINGS));
    }

    /** A client was given up. */
    synchronized void unanswered() {
        unanswered++;
    }

    synchronized void waited(long nanos) {
        if (nanos > ORDINARY_NANOS) {
            patienceNanos = Math.max(0, patienceNanos - nanos);
        }
    }

    /** Whether what the user's clients do may fill another line of the log. */
    synchronized boolean mayLog(long nowNanos) {
        if (nowNanos - linesSince > LINES_NANOS) {
            linesSince = nowNanos;
            lines = 0;
        }
        return lines++ < MOST_LINES;
    }
}
