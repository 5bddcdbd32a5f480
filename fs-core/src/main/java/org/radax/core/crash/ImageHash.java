package org.radax.core.crash;

import java.util.List;

/** The hash of each image of a trace: of its bytes alone, so that images of different traces can be told apart too. */
final class ImageHash {
    private final long[] scratch = new long[LineMap.LINE_WORDS];
    private final LineMap durable = new LineMap();
    private ImageBase base;
    private long durableHash;
    private long[][] stateHashes = new long[0][];

    void start(CrashTrace trace) {
        base = trace.base();
        durableHash = base.hash();
        trace.initial().forEach(this::madeDurable);
    }

    void advance(CrashPoint point) {
        point.madeDurable().forEach(this::madeDurable);
        List<PendingLine> pending = point.pending();
        stateHashes = new long[pending.size()][];
        for (int i = 0; i < stateHashes.length; i++) {
            PendingLine line = pending.get(i);
            stateHashes[i] = new long[line.states()];
            line.content(0, scratch);
            long before = LineHash.of(line.lineNo(), scratch, 0);
            for (int state = 1; state < line.states(); state++) {
                line.content(state, scratch);
                stateHashes[i][state] = LineHash.of(line.lineNo(), scratch, 0) - before;
            }
        }
    }

    private void madeDurable(long lineNo, long[] words, int start) {
        if (!durable.get(lineNo, scratch)) {
            base.readLine(lineNo, scratch);
        }
        durableHash += LineHash.of(lineNo, words, start) - LineHash.of(lineNo, scratch, 0);
        durable.put(lineNo, words, start);
    }

    long of(CrashChoice choice) {
        long hash = durableHash;
        for (int i = 0; i < stateHashes.length; i++) {
            hash += stateHashes[i][choice.state(i)];
        }
        return hash;
    }
}
