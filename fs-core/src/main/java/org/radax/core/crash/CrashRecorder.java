package org.radax.core.crash;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.StoreObserver;
import org.radax.core.unit.Units;

/**
 * A persistence domain that keeps what is durable apart from what is pending, by the model of this package. Give it to
 * {@code PoolMemory} as domain and as observer.
 *
 * <p>Thread-safe by one lock. When two threads store to one word at once, the first to report takes both stores: the
 * state between them is not enumerated. A write-back reports what it finds in its lines.
 */
public final class CrashRecorder implements PersistenceDomain, StoreObserver, AutoCloseable {
    /** Without a trace the durable lines are folded into the base from this many on. */
    private static final int FOLD_LINES = 1 << 16;

    private final long poolAddress;
    private final ImageBase base;
    private final boolean ownsBase;
    private final int unitBytes;

    /** Durable lines that differ from the base. */
    @GuardedBy("this")
    private final LineMap durable;

    @GuardedBy("this")
    private final Map<Long, LineLog> pending = new HashMap<>();

    /** Per thread the lines it has written back since its last fence, and how many of their stores that covered. */
    @GuardedBy("this")
    private final Map<Thread, Map<LineLog, Long>> writtenBack = new HashMap<>();

    @GuardedBy("this")
    private final Map<CallSite, Long> siteCounts = new TreeMap<>();

    @GuardedBy("this")
    private final long[] scratch = new long[LineMap.LINE_WORDS];

    @GuardedBy("this")
    private final List<FaultPlan> faults = new ArrayList<>();

    @GuardedBy("this")
    private final Map<CallSite.Kind, Long> callCounts = new EnumMap<>(CallSite.Kind.class);

    /** The base is referred to by a trace, so it must not change any more. */
    @GuardedBy("this")
    private boolean baseShared;

    @GuardedBy("this")
    private List<CrashPoint> points;

    @GuardedBy("this")
    private LineMap traceStart;

    @GuardedBy("this")
    private LineMap madeDurable;

    /** The time of stores. */
    @GuardedBy("this")
    private long storedWords;

    @GuardedBy("this")
    private int phase;

    @GuardedBy("this")
    private String markLabel = "start";

    /** What a thread still does that outlives it is let be: there is nothing left to record it with. */
    @GuardedBy("this")
    private boolean closed;

    private CrashRecorder(long poolAddress, ImageBase base, boolean ownsBase, int unitBytes, LineMap durable) {
        this.poolAddress = poolAddress;
        this.base = base;
        this.ownsBase = ownsBase;
        this.unitBytes = unitBytes;
        this.durable = durable;
        this.baseShared = !ownsBase;
    }

    /** A recorder under an open pool, to which other processes may store as well; what it holds now counts as durable. */
    public static CrashRecorder of(PoolFile pool) {
        return new CrashRecorder(pool.base(), ImageBase.ofPool(pool), true, Units.LINE_BYTES, new LineMap());
    }

    /** A recorder under plain memory; what it holds now counts as durable. */
    public static CrashRecorder of(long poolAddress, long sizeBytes) {
        return of(poolAddress, sizeBytes, Units.LINE_BYTES);
    }

    /** A recorder under a fresh copy of {@code base}, which stays the caller's and must outlive it. */
    public static CrashRecorder of(long poolAddress, ImageBase base) {
        return nested(poolAddress, base, new LineMap());
    }

    /** As {@link #of(long, long)}, for memory that reaches the medium by pages: what a page cache has mapped. */
    public static CrashRecorder ofPages(long poolAddress, long sizeBytes) {
        return of(poolAddress, sizeBytes, Units.BLOCK_BYTES);
    }

    private static CrashRecorder of(long poolAddress, long sizeBytes, int unitBytes) {
        ImageBase copy = ImageBase.ofMemory(poolAddress, sizeBytes);
        return new CrashRecorder(poolAddress, copy, true, unitBytes, new LineMap());
    }

    /** A recorder under a crash image, for crashes during its recovery: nothing of the pool is copied. */
    static CrashRecorder nested(long poolAddress, ImageBase base, LineMap durable) {
        return new CrashRecorder(poolAddress, base, false, Units.LINE_BYTES, durable);
    }

    @Override
    public synchronized void stored(long poolOffset, long lengthBytes) {
        if (closed) {
            return;
        }
        long firstWord = poolOffset / Long.BYTES;
        long endWord = (poolOffset + lengthBytes + Long.BYTES - 1) / Long.BYTES;
        long lineNo = -1;
        LineLog log = null;
        for (long word = firstWord; word < endWord; word++) {
            if (word / LineMap.LINE_WORDS != lineNo) {
                lineNo = word / LineMap.LINE_WORDS;
                log = pending.get(lineNo);
                if (log == null) {
                    readDurable(lineNo, scratch);
                }
            }
            int index = (int) (word % LineMap.LINE_WORDS);
            long value = RawMemory.getLong(poolAddress + word * Long.BYTES);
            if (value != (log == null ? scratch[index] : log.current(index))) {
                if (log == null) {
                    log = new LineLog(lineNo, scratch);
                    pending.put(lineNo, log);
                }
                log.append(index, value, ++storedWords);
            }
        }
    }

    @GuardedBy("this")
    private void readDurable(long lineNo, long[] target) {
        if (!durable.get(lineNo, target)) {
            base.readLine(lineNo, target);
        }
    }

    /** The host took the range away: it reads as zeroes at once and for good, whatever was pending there. */
    public synchronized void discarded(long poolOffset, long lengthBytes) {
        if (closed) {
            return;
        }
        long[] zeroes = new long[LineMap.LINE_WORDS];
        long end = poolOffset + lengthBytes;
        for (long lineNo = poolOffset / Units.LINE_BYTES; lineNo * Units.LINE_BYTES < end; lineNo++) {
            LineLog log = pending.remove(lineNo);
            if (log != null) {
                log.discard();
            }
            readDurable(lineNo, scratch);
            if (!Arrays.equals(scratch, zeroes)) {
                becameDurable(lineNo, zeroes);
            }
        }
    }

    @Override
    public synchronized void writeBack(long poolOffset, long lengthBytes) {
        if (closed || isSuppressed(CallSite.Kind.WRITE_BACK)) {
            return;
        }
        long start = Units.alignDown(poolOffset, unitBytes);
        long end = Units.alignUp(poolOffset + lengthBytes, unitBytes);
        // What another has stored and not reported yet is written back as well: who has read it relies on that.
        stored(start, end - start);
        Map<LineLog, Long> mine = writtenBack.computeIfAbsent(Thread.currentThread(), t -> new LinkedHashMap<>());
        for (long lineNo = start / Units.LINE_BYTES; lineNo * Units.LINE_BYTES < end; lineNo++) {
            LineLog log = pending.get(lineNo);
            if (log != null) {
                mine.put(log, log.storesSeen());
            }
        }
    }

    @Override
    public synchronized void fence() {
        if (closed || isSuppressed(CallSite.Kind.FENCE)) {
            return;
        }
        if (points != null) {
            addPoint(CrashPoint.Moment.FENCE, "fence " + callCount(CallSite.Kind.FENCE));
        }
        Map<LineLog, Long> mine = writtenBack.remove(Thread.currentThread());
        if (mine != null) {
            mine.forEach(this::settle);
        }
        if (!baseShared && durable.size() >= FOLD_LINES) {
            durable.forEach(base::writeLine);
            durable.clear();
        }
    }

    @GuardedBy("this")
    private void settle(LineLog log, long stores) {
        if (log.fence(stores)) {
            becameDurable(log.lineNo(), log.durable());
            if (log.isDurable()) {
                pending.remove(log.lineNo());
            }
        }
    }

    @GuardedBy("this")
    private void becameDurable(long lineNo, long[] content) {
        durable.put(lineNo, content, 0);
        if (points != null) {
            madeDurable.put(lineNo, content, 0);
        }
    }

    @Override
    public String name() {
        return "recorder";
    }

    @GuardedBy("this")
    private boolean isSuppressed(CallSite.Kind kind) {
        long number = callCounts.merge(kind, 1L, Long::sum);
        CallSite site = CallSite.current(kind);
        siteCounts.merge(site, 1L, Long::sum);
        for (FaultPlan fault : faults) {
            if (fault.suppresses(site, number)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the journal record that is being committed is to be left out. */
    public synchronized boolean leavesRecordOut() {
        return isSuppressed(CallSite.Kind.RECORD);
    }

    /** From here on every fence is a crash point; what is durable now is where the trace starts. */
    public synchronized void startTrace() {
        points = new ArrayList<>();
        traceStart = durable.copy();
        madeDurable = new LineMap();
        baseShared = true;
        phase = 0;
        markLabel = "start";
    }

    /** Names what comes next: an operation begins, or has returned. */
    public synchronized void mark(String label) {
        phase++;
        markLabel = label;
        if (points != null) {
            addPoint(CrashPoint.Moment.MARK, "about to begin");
        }
    }

    /** A step begins. No crash point: nothing has changed yet. */
    public synchronized void stepBegins(String label) {
        phase++;
        markLabel = label;
    }

    /** A step has returned: a crash point, from which on it can be relied on. */
    public synchronized void stepReturned(String label) {
        phase++;
        markLabel = label;
        if (points != null) {
            addPoint(CrashPoint.Moment.END, "returned");
        }
        markLabel = "after " + label;
    }

    /** Ends the trace with a last crash point. */
    public synchronized CrashTrace stopTrace() {
        if (points == null) {
            throw new IllegalStateException("no trace was started");
        }
        addPoint(CrashPoint.Moment.END, "end");
        CrashTrace trace = new CrashTrace(base, traceStart, points);
        points = null;
        traceStart = null;
        madeDurable = null;
        return trace;
    }

    /** A trace of one point: a crash now. */
    public synchronized CrashTrace snapshot() {
        baseShared = true;
        CrashPoint point = new CrashPoint(
                0,
                CrashPoint.Moment.SNAPSHOT,
                phase,
                markLabel + ": snapshot",
                new LineMap(),
                pendingLines(),
                unitBytes);
        return new CrashTrace(base, durable.copy(), List.of(point));
    }

    @GuardedBy("this")
    private void addPoint(CrashPoint.Moment moment, String what) {
        points.add(new CrashPoint(
                points.size(), moment, phase, markLabel + ": " + what, madeDurable, pendingLines(), unitBytes));
        madeDurable = new LineMap();
    }

    @GuardedBy("this")
    private List<PendingLine> pendingLines() {
        return pending.values().stream()
                .map(LineLog::snapshot)
                .sorted(Comparator.comparingLong(PendingLine::poolOffset))
                .toList();
    }

    /** What was stored so far counts as durable, and there are no faults any more. */
    public synchronized void startAfresh() {
        List.copyOf(pending.values()).forEach(log -> settle(log, log.storesSeen()));
        faults.clear();
    }

    /** Adds a fault; faults add up. */
    public synchronized void suppress(FaultPlan fault) {
        faults.add(fault);
    }

    /** The {@code n}th write-back from the recorder's beginning (1-based) has no effect. */
    public void suppressWriteBack(long n) {
        suppress(FaultPlan.nth(CallSite.Kind.WRITE_BACK, n));
    }

    /** The {@code n}th fence from the recorder's beginning (1-based) has no effect. */
    public void suppressFence(long n) {
        suppress(FaultPlan.nth(CallSite.Kind.FENCE, n));
    }

    /** All write-backs, fences or records of one place in the code have no effect. */
    public void suppressSite(CallSite site) {
        suppress(FaultPlan.site(site));
    }

    /** How often each place wrote back, fenced or committed a record, suppressed or not. */
    public synchronized Map<CallSite, Long> siteCounts() {
        return new TreeMap<>(siteCounts);
    }

    /** Write-backs or fences so far, suppressed or not. */
    public synchronized long callCount(CallSite.Kind kind) {
        return callCounts.getOrDefault(kind, 0L);
    }

    /** Frees the copy of the pool; the recorder's traces are dead then. */
    @Override
    public synchronized void close() {
        if (ownsBase && !closed) {
            base.close();
        }
        closed = true;
    }
}
