package org.radax.core.crash;

import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/** Private mappings and sparse files, and the lines in them. */
final class Mappings {
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int MFD_CLOEXEC = 1;

    /** A byte range [start, end) of a file that is not a hole. */
    interface RangeVisitor {
        void range(long start, long end);
    }

    private Mappings() {}

    /** Zeroed private memory that takes room only where it is written. */
    static long anonymous(long sizeBytes) {
        return checked(
                LibC.INSTANCE.mmap(
                        0,
                        sizeBytes,
                        LibC.PROT_READ | LibC.PROT_WRITE,
                        LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE,
                        -1,
                        0),
                sizeBytes);
    }

    static long shared(int fd, long sizeBytes) {
        return checked(
                LibC.INSTANCE.mmap(
                        0, sizeBytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED | LibC.MAP_NORESERVE, fd, 0),
                sizeBytes);
    }

    /** A file of holes without a name. */
    static int memfd(long sizeBytes) {
        byte[] name = {'r', 'a', 'd', 'a', 'x', 0};
        long text = RawMemory.allocate(name.length);
        RawMemory.copyIn(name, 0, text, name.length);
        int fd = (int) LibC.INSTANCE.syscall(LibC.SYS_MEMFD_CREATE, text, MFD_CLOEXEC, 0, 0, 0, 0);
        RawMemory.free(text);
        if (fd < 0 || LibC.INSTANCE.ftruncate(fd, sizeBytes) != 0) {
            throw new IllegalStateException("memfd of " + sizeBytes + " bytes: " + LibC.lastError());
        }
        return fd;
    }

    static long copyOnWrite(int fd, long sizeBytes) {
        return checked(
                LibC.INSTANCE.mmap(
                        0, sizeBytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_NORESERVE, fd, 0),
                sizeBytes);
    }

    private static long checked(long address, long sizeBytes) {
        if (address == -1) {
            throw new IllegalStateException("cannot map " + sizeBytes + " bytes: " + LibC.lastError());
        }
        return address;
    }

    static void forEachData(int fd, long sizeBytes, RangeVisitor visitor) {
        long start = LibC.INSTANCE.lseek(fd, 0, SEEK_DATA);
        while (start >= 0 && start < sizeBytes) {
            long end = Math.min(sizeBytes, LibC.INSTANCE.lseek(fd, start, SEEK_HOLE));
            visitor.range(start, end);
            start = LibC.INSTANCE.lseek(fd, end, SEEK_DATA);
        }
    }

    static void readLine(long address, long lineNo, long[] target) {
        long at = address + lineNo * Units.LINE_BYTES;
        for (int i = 0; i < LineMap.LINE_WORDS; i++) {
            target[i] = RawMemory.getLong(at + (long) i * Long.BYTES);
        }
    }

    static void writeLine(long address, long lineNo, long[] words, int start) {
        long at = address + lineNo * Units.LINE_BYTES;
        for (int i = 0; i < LineMap.LINE_WORDS; i++) {
            RawMemory.putLong(at + (long) i * Long.BYTES, words[start + i]);
        }
    }
}
