package org.radax.core.os;

/** The ioctl {@code PAGEMAP_SCAN} on a pagemap file, of this process or another. Not thread-safe. */
public final class PageScan implements AutoCloseable {
    /** Takes ranges of addresses. */
    @FunctionalInterface
    public interface Visitor {
        void range(long start, long end);
    }

    /** struct pm_scan_arg. */
    private static final int FLAGS = 8;

    private static final int START = 16;
    private static final int END = 24;
    private static final int WALK_END = 32;
    private static final int VECTOR = 40;
    private static final int VECTOR_LENGTH = 48;
    private static final int CATEGORY_MASK = 72;
    private static final int RETURN_MASK = 88;
    private static final int ARGUMENT_SIZE = 96;

    /** struct page_region. */
    private static final int REGION_SIZE = 24;

    private static final int REGIONS = 512;
    private static final long PAGEMAP_SCAN = 0xc0606610L;
    private static final long IS_WRITTEN = 1 << 1;
    private static final long IS_PRESENT = 1 << 3;
    private static final long PROTECT_MATCHING = 1;
    private static final long CHECK_TRACKED = 2;

    private final long argument = RawMemory.allocate(ARGUMENT_SIZE + REGIONS * REGION_SIZE);

    /**
     * Tells the pages stored to since they were write-protected last, and write-protects them in the same step.
     *
     * @return 0, or an errno: what was stored is unknown then. 0 and nothing told if the process has ended
     */
    public int takeWritten(int pagemap, long start, long end, Visitor written) {
        return scan(pagemap, start, end, PROTECT_MATCHING | CHECK_TRACKED, IS_WRITTEN, written);
    }

    /** As {@link #takeWritten}, and leaves them as they are. */
    public int findWritten(int pagemap, long start, long end, Visitor written) {
        return scan(pagemap, start, end, CHECK_TRACKED, IS_WRITTEN, written);
    }

    /** Tells the pages that are mapped. */
    public int findPresent(int pagemap, long start, long end, Visitor present) {
        return scan(pagemap, start, end, 0, IS_PRESENT, present);
    }

    /** Frees its memory. */
    @Override
    public void close() {
        RawMemory.free(argument);
    }

    private int scan(int pagemap, long start, long end, long flags, long category, Visitor visitor) {
        long at = start;
        while (at < end) {
            RawMemory.fill(argument, ARGUMENT_SIZE, (byte) 0);
            RawMemory.putLong(argument, ARGUMENT_SIZE);
            RawMemory.putLong(argument + FLAGS, flags);
            RawMemory.putLong(argument + START, at);
            RawMemory.putLong(argument + END, end);
            RawMemory.putLong(argument + VECTOR, argument + ARGUMENT_SIZE);
            RawMemory.putLong(argument + VECTOR_LENGTH, REGIONS);
            RawMemory.putLong(argument + CATEGORY_MASK, category);
            RawMemory.putLong(argument + RETURN_MASK, category);
            int regions = LibC.INSTANCE.ioctl(pagemap, PAGEMAP_SCAN, argument);
            if (regions < 0) {
                return LibC.errno();
            }
            for (int i = 0; i < regions; i++) {
                long region = argument + ARGUMENT_SIZE + (long) i * REGION_SIZE;
                visitor.range(RawMemory.getLong(region), RawMemory.getLong(region + Long.BYTES));
            }
            at = RawMemory.getLong(argument + WALK_END);
        }
        return 0;
    }
}
