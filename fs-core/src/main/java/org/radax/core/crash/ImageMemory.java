package org.radax.core.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongPredicate;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.StoreObserver;
import org.radax.core.unit.Units;

/**
 * One pool image after another in one mapped file: going from image to image rewrites only the lines that differ, and
 * those the visitor stored to.
 */
final class ImageMemory implements StoreObserver, AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final ImageBase base;
    private final Path file;
    private final int fd;
    private final long address;

    /** Durable lines of the current point that differ from the base. */
    private final LineMap durable = new LineMap();

    private CrashTrace trace;
    private int pointNumber = -1;
    private List<PendingLine> pending = List.of();
    private int[] applied = new int[0];
    private long[] touchedLines = new long[256];
    private int touchedCount;
    private boolean givenAsFile;
    private ImageMemory forRecovery;
    private final long[] scratch = new long[LineMap.LINE_WORDS];

    // The part of a hash that is the same for all images of a point.
    private CrashTrace hashedTrace;
    private int hashedPoint = -1;
    private LongPredicate hashedWithout;
    private long durableHash;

    ImageMemory(ImageBase base) {
        this.base = base;
        try {
            this.file = Files.isDirectory(SHARED_MEMORY)
                    ? Files.createTempFile(SHARED_MEMORY, "radax-crash-", ".pool")
                    : Files.createTempFile("radax-crash-", ".pool");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.fd = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        if (fd < 0 || LibC.INSTANCE.ftruncate(fd, base.sizeBytes()) != 0) {
            throw new IllegalStateException(file + ": " + LibC.lastError());
        }
        this.address = Mappings.shared(fd, base.sizeBytes());
        try {
            base.writeTo(fd);
        } catch (IllegalStateException e) {
            close();
            throw e;
        }
    }

    ImageBase base() {
        return base;
    }

    long address() {
        return address;
    }

    /** The image as a file; whatever is done to it is noticed by comparing. */
    Path asFile() {
        givenAsFile = true;
        return file;
    }

    /** A second memory on the same base, for crashes during the recovery of this image. */
    ImageMemory forRecovery() {
        if (forRecovery == null) {
            forRecovery = new ImageMemory(base);
        }
        return forRecovery;
    }

    /** Goes to a crash point, with nothing pending kept. */
    void moveTo(CrashTrace newTrace, int newPointNumber) {
        restore();
        if (newTrace != trace || newPointNumber < pointNumber) {
            durable.forEach((lineNo, words, start) -> {
                base.readLine(lineNo, scratch);
                Mappings.writeLine(address, lineNo, scratch, 0);
            });
            durable.clear();
            trace = newTrace;
            pointNumber = -1;
            advance(trace.initial());
        }
        while (pointNumber < newPointNumber) {
            pointNumber++;
            advance(trace.points().get(pointNumber).madeDurable());
        }
        pending = trace.points().get(pointNumber).pending();
        applied = new int[pending.size()];
    }

    private void advance(LineMap lines) {
        durable.putAll(lines);
        lines.forEach((lineNo, words, start) -> Mappings.writeLine(address, lineNo, words, start));
    }

    /** Becomes one image of the point. */
    void become(CrashChoice choice) {
        for (int i = 0; i < applied.length; i++) {
            if (applied[i] != choice.state(i)) {
                applied[i] = choice.state(i);
                writeExpected(pending.get(i).lineNo());
            }
        }
        undoVisitor();
    }

    /** The durable content of the image: what a crash during its recovery starts from. */
    LineMap content() {
        LineMap content = durable.copy();
        for (int i = 0; i < applied.length; i++) {
            pending.get(i).content(applied[i], scratch);
            content.put(pending.get(i).lineNo(), scratch, 0);
        }
        return content;
    }

    private void restore() {
        Arrays.fill(applied, 0);
        for (PendingLine line : pending) {
            writeExpected(line.lineNo());
        }
        undoVisitor();
        pending = List.of();
        applied = new int[0];
    }

    /** See {@link CrashImage#hashNow}. What was done to it as a file does not count. */
    long hashNow(LongPredicate leftOut) {
        if (hashedPoint != pointNumber || hashedTrace != trace || hashedWithout != leftOut) {
            durableHash = 0;
            durable.forEach((lineNo, words, start) -> {
                if (!leftOut.test(lineNo * Units.LINE_BYTES)) {
                    base.readLine(lineNo, scratch);
                    durableHash += LineHash.of(lineNo, words, start) - LineHash.of(lineNo, scratch, 0);
                }
            });
            hashedPoint = pointNumber;
            hashedTrace = trace;
            hashedWithout = leftOut;
        }
        long hash = durableHash;
        for (int i = 0; i < applied.length; i++) {
            PendingLine line = pending.get(i);
            if (applied[i] != 0 && !leftOut.test(line.poolOffset())) {
                line.content(applied[i], scratch);
                hash += LineHash.of(line.lineNo(), scratch, 0);
                line.content(0, scratch);
                hash -= LineHash.of(line.lineNo(), scratch, 0);
            }
        }
        long[] touched = Arrays.copyOf(touchedLines, touchedCount);
        Arrays.sort(touched);
        for (int i = 0; i < touched.length; i++) {
            if ((i == 0 || touched[i] != touched[i - 1]) && !leftOut.test(touched[i] * Units.LINE_BYTES)) {
                Mappings.readLine(address, touched[i], scratch);
                hash += LineHash.of(touched[i], scratch, 0);
                readExpected(touched[i]);
                hash -= LineHash.of(touched[i], scratch, 0);
            }
        }
        return hash;
    }

    Path path() {
        return file;
    }

    void undoVisitor() {
        for (int i = 0; i < touchedCount; i++) {
            writeExpected(touchedLines[i]);
        }
        touchedCount = 0;
        if (givenAsFile) {
            givenAsFile = false;
            undoFileChanges();
        }
    }

    /** Compares the pages that the file has, and those that it should have. */
    private void undoFileChanges() {
        if (LibC.INSTANCE.ftruncate(fd, base.sizeBytes()) != 0) {
            throw new IllegalStateException(file + ": " + LibC.lastError());
        }
        BitSet pages = (BitSet) base.pages().clone();
        durable.forEach((lineNo, words, start) -> pages.set(pageOf(lineNo)));
        for (PendingLine line : pending) {
            pages.set(pageOf(line.lineNo()));
        }
        Mappings.forEachData(
                fd,
                base.sizeBytes(),
                (start, end) ->
                        pages.set(Math.toIntExact(Units.blockOf(start)), Math.toIntExact(Units.blocksFor(end))));
        pages.stream().forEach(page -> {
            long firstLine = Units.blockToBytes(page) / Units.LINE_BYTES;
            long endLine = Math.min(base.sizeBytes(), Units.blockToBytes(page + 1L)) / Units.LINE_BYTES;
            for (long lineNo = firstLine; lineNo < endLine; lineNo++) {
                readExpected(lineNo);
                if (differs(lineNo)) {
                    Mappings.writeLine(address, lineNo, scratch, 0);
                }
            }
        });
    }

    private static int pageOf(long lineNo) {
        return Math.toIntExact(Units.blockOf(lineNo * Units.LINE_BYTES));
    }

    private boolean differs(long lineNo) {
        long at = address + lineNo * Units.LINE_BYTES;
        for (int i = 0; i < LineMap.LINE_WORDS; i++) {
            if (RawMemory.getLong(at + (long) i * Long.BYTES) != scratch[i]) {
                return true;
            }
        }
        return false;
    }

    private void writeExpected(long lineNo) {
        readExpected(lineNo);
        Mappings.writeLine(address, lineNo, scratch, 0);
    }

    private void readExpected(long lineNo) {
        int index = pendingIndex(lineNo);
        if (index >= 0) {
            pending.get(index).content(applied[index], scratch);
        } else if (!durable.get(lineNo, scratch)) {
            base.readLine(lineNo, scratch);
        }
    }

    private int pendingIndex(long lineNo) {
        int low = 0;
        int high = pending.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long at = pending.get(middle).lineNo();
            if (at == lineNo) {
                return middle;
            }
            if (at < lineNo) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** A store of the visitor. */
    @Override
    public synchronized void stored(long poolOffset, long lengthBytes) {
        long end = poolOffset + lengthBytes;
        for (long lineNo = poolOffset / Units.LINE_BYTES; lineNo * Units.LINE_BYTES < end; lineNo++) {
            if (touchedCount > 0 && touchedLines[touchedCount - 1] == lineNo) {
                continue;
            }
            if (touchedCount == touchedLines.length) {
                touchedLines = Arrays.copyOf(touchedLines, touchedCount * 2);
            }
            touchedLines[touchedCount++] = lineNo;
        }
    }

    @Override
    public void close() {
        if (forRecovery != null) {
            forRecovery.close();
        }
        LibC.INSTANCE.munmap(address, base.sizeBytes());
        LibC.INSTANCE.close(fd);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
