package org.radax.core.crash;

import java.util.Arrays;
import java.util.BitSet;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolFile;
import org.radax.core.unit.Units;

/**
 * What the pool held when recording began: a private copy, of which only the pages that are not all zeroes take
 * memory. Nobody but its owner changes it, and that one only while nobody else refers to it. To record on many copies of
 * one pool, make it once and hand it to {@link CrashRecorder#of(long, ImageBase)}. Thread-safe once it is made.
 */
public final class ImageBase implements AutoCloseable {
    private static final int PAGE_SHIFT = Units.BLOCK_SHIFT;
    private static final int PAGE_BYTES = Units.BLOCK_BYTES;

    private final long sizeBytes;
    private final long address;
    /** Pages that may hold something; page numbers fit an int up to pools of 8 TiB, more than a recorder stands under. */
    private final BitSet pages = new BitSet();

    /** What copies are made of, once there is one. */
    private int memfd = -1;

    private boolean hashed;
    private long hash;

    private ImageBase(long sizeBytes) {
        this.sizeBytes = sizeBytes;
        this.address = Mappings.anonymous(sizeBytes);
    }

    /** Copies memory, every page of it read. To be closed. */
    public static ImageBase ofMemory(long sourceAddress, long sizeBytes) {
        ImageBase base = new ImageBase(sizeBytes);
        base.copyPages(sourceAddress, 0, sizeBytes);
        return base;
    }

    /** Copies a pool; holes of its file are not touched, so that a sparse one stays sparse. */
    static ImageBase ofPool(PoolFile pool) {
        ImageBase base = new ImageBase(pool.sizeBytes());
        Mappings.forEachData(
                pool.fd(), pool.sizeBytes(), (start, end) -> base.copyPages(pool.base() + start, start, end - start));
        return base;
    }

    private void copyPages(long sourceAddress, long start, long lengthBytes) {
        for (long done = 0; done < lengthBytes; done += PAGE_BYTES) {
            long length = Math.min(PAGE_BYTES, lengthBytes - done);
            if (!isZero(sourceAddress + done, length)) {
                RawMemory.copy(sourceAddress + done, address + start + done, length);
                pages.set(Math.toIntExact((start + done) >>> PAGE_SHIFT));
            }
        }
    }

    private static boolean isZero(long from, long lengthBytes) {
        for (long at = from; at < from + lengthBytes; at += Long.BYTES) {
            if (RawMemory.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    void readLine(long lineNo, long[] target) {
        Mappings.readLine(address, lineNo, target);
    }

    void writeLine(long lineNo, long[] words, int start) {
        Mappings.writeLine(address, lineNo, words, start);
        pages.set(Math.toIntExact((lineNo * Units.LINE_BYTES) >>> PAGE_SHIFT));
    }

    /** The hash of the whole, as the sum over lines that are not all zeroes; for who knows that it changes no more. */
    synchronized long hash() {
        if (!hashed) {
            hashed = true;
            long[] line = new long[LineMap.LINE_WORDS];
            long[] zeroes = new long[LineMap.LINE_WORDS];
            for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
                long firstLine = ((long) page << PAGE_SHIFT) / Units.LINE_BYTES;
                for (long lineNo = firstLine; lineNo < firstLine + PAGE_BYTES / Units.LINE_BYTES; lineNo++) {
                    readLine(lineNo, line);
                    if (!Arrays.equals(line, zeroes)) {
                        hash += LineHash.of(lineNo, line, 0) - LineHash.of(lineNo, zeroes, 0);
                    }
                }
            }
        }
        return hash;
    }

    /** A private mapping of the same bytes, which takes memory only for pages that are stored to; the caller unmaps it. */
    public synchronized long copy() {
        if (memfd < 0) {
            memfd = Mappings.memfd(sizeBytes);
            writeTo(memfd);
        }
        return Mappings.copyOnWrite(memfd, sizeBytes);
    }

    /** Writes everything but zero pages to a file of holes; IllegalStateException if there is no room for it. */
    void writeTo(int fd) {
        for (int page = pages.nextSetBit(0); page >= 0; ) {
            int end = pages.nextClearBit(page);
            long offset = (long) page << PAGE_SHIFT;
            long length = Math.min((long) end << PAGE_SHIFT, sizeBytes) - offset;
            long written = LibC.INSTANCE.pwrite(fd, address + offset, length, offset);
            if (written != length) {
                throw new IllegalStateException(
                        "copy of a pool: " + written + " of " + length + " bytes: " + LibC.lastError());
            }
            page = pages.nextSetBit(end);
        }
    }

    /** The pages that may hold something, by number. */
    BitSet pages() {
        return pages;
    }

    @Override
    public void close() {
        if (memfd >= 0) {
            LibC.INSTANCE.close(memfd);
        }
        LibC.INSTANCE.munmap(address, sizeBytes);
    }
}
