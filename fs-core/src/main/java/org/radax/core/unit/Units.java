package org.radax.core.unit;

/** The one place that converts between bytes, blocks, cache lines and 2 MiB runs. All ranges are half-open. */
public final class Units {
    public static final int LINE_BYTES = 64;
    public static final int BLOCK_SHIFT = 12;
    public static final int BLOCK_BYTES = 1 << BLOCK_SHIFT;
    /** A run: 2 MiB, the unit of huge pages and of giving memory back to the host. */
    public static final int RUN_SHIFT = 21;

    public static final long RUN_BYTES = 1L << RUN_SHIFT;
    public static final int RUN_BLOCKS = 1 << (RUN_SHIFT - BLOCK_SHIFT);

    /** Largest file: 16 TiB, 2^32 blocks. */
    public static final long MAX_FILE_BYTES = 1L << 44;

    private Units() {}

    public static long blockToBytes(long blockNo) {
        return Math.multiplyExact(blockNo, (long) BLOCK_BYTES);
    }

    /** The block that holds the byte at {@code offset}. */
    public static long blockOf(long offset) {
        return offset >>> BLOCK_SHIFT;
    }

    /** Blocks needed to hold {@code lengthBytes} bytes. */
    public static long blocksFor(long lengthBytes) {
        return (lengthBytes + BLOCK_BYTES - 1) >>> BLOCK_SHIFT;
    }

    public static int offsetInBlock(long offset) {
        return (int) (offset & (BLOCK_BYTES - 1));
    }

    public static long alignUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }

    public static long alignDown(long value, long powerOfTwo) {
        return value & -powerOfTwo;
    }
}
