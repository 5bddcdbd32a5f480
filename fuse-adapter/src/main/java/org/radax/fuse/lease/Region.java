package org.radax.fuse.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.radax.core.unit.Units;

/**
 * A range of a file, mapped at a range of an arena's addresses: which of its pages show blocks; the others are holes.
 * Pages are the file's, of 4 KiB. Not thread-safe: its file's monitor guards it.
 */
final class Region {
    /** Pages {@code [start, start + count)} that show blocks in one piece. */
    record Piece(long start, long count, long poolBlock) {
        long end() {
            return start + count;
        }

        private Piece part(long from, long to) {
            return new Piece(from, to - from, poolBlock + (from - start));
        }
    }

    final LeasedFile file;
    final long address;
    final long first;
    final long last;
    final boolean writable;
    private final TreeMap<Long, Piece> pieces = new TreeMap<>();
    private final TreeSet<Long> poisoned = new TreeSet<>();

    /** Pages {@code [first, last)} at an address. */
    Region(LeasedFile file, long address, long first, long last, boolean writable) {
        this.file = file;
        this.address = address;
        this.first = first;
        this.last = last;
        this.writable = writable;
    }

    long addressOf(long page) {
        return address + Units.blockToBytes(page - first);
    }

    long pageAt(long at) {
        return first + Units.blockOf(at - address);
    }

    long lengthBytes() {
        return Units.blockToBytes(last - first);
    }

    int pieceCount() {
        return pieces.size();
    }

    boolean shows(long page) {
        Map.Entry<Long, Piece> before = pieces.floorEntry(page);
        return before != null && page < before.getValue().end();
    }

    /** The parts of pieces inside a range, in order. */
    List<Piece> within(long start, long end) {
        List<Piece> found = new ArrayList<>();
        Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
        if (before != null && before.getValue().end() > start) {
            found.add(before.getValue()
                    .part(start, Math.min(end, before.getValue().end())));
        }
        for (Piece piece : pieces.subMap(start, end).values()) {
            found.add(piece.part(piece.start, Math.min(end, piece.end())));
        }
        return found;
    }

    /** The runs of pages inside a range that show blocks, in order; neighbours are one, wherever their blocks are. */
    List<long[]> shown(long start, long end) {
        List<long[]> runs = new ArrayList<>();
        for (Piece piece : within(start, end)) {
            long[] last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last[1] == piece.start) {
                last[1] = piece.end();
            } else {
                runs.add(new long[] {piece.start, piece.end()});
            }
        }
        return runs;
    }

    /** The parts of a run of blocks that are not shown yet, nor poisoned. */
    List<Piece> missing(long page, long poolBlock, long count) {
        long end = Math.min(page + count, last);
        TreeMap<Long, Long> taken = new TreeMap<>();
        within(Math.max(page, first), end).forEach(piece -> taken.put(piece.start, piece.end()));
        poisoned.subSet(Math.max(page, first), end).forEach(bad -> taken.put(bad, bad + 1));
        List<Piece> parts = new ArrayList<>();
        long at = Math.max(page, first);
        for (Map.Entry<Long, Long> range : taken.entrySet()) {
            if (range.getKey() > at) {
                parts.add(new Piece(at, range.getKey() - at, poolBlock + (at - page)));
            }
            at = range.getValue();
        }
        if (at < end) {
            parts.add(new Piece(at, end - at, poolBlock + (at - page)));
        }
        return parts;
    }

    void show(Piece piece) {
        pieces.put(piece.start, piece);
    }

    /** They are holes again. */
    void hide(long start, long end) {
        Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
        if (before != null && before.getValue().end() > start) {
            Piece piece = before.getValue();
            pieces.put(piece.start, piece.part(piece.start, start));
            if (piece.end() > end) {
                pieces.put(end, piece.part(end, piece.end()));
            }
        }
        Map.Entry<Long, Piece> tail = pieces.lowerEntry(end);
        if (tail != null && tail.getKey() >= start && tail.getValue().end() > end) {
            pieces.put(end, tail.getValue().part(end, tail.getValue().end()));
        }
        pieces.subMap(start, end).clear();
    }

    /** Touching it gives SIGBUS until it is shown anew. */
    void poison(long page) {
        poisoned.add(page);
    }

    boolean isPoisoned(long start, long end) {
        return !poisoned.subSet(start, end).isEmpty();
    }

    /** The poisoned pages of a range, which are none any more. */
    List<Long> takePoisoned(long start, long end) {
        List<Long> found = new ArrayList<>(poisoned.subSet(start, end));
        poisoned.subSet(start, end).clear();
        return found;
    }
}
