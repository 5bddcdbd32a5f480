package org.radax.core.os;

import static java.lang.invoke.MethodHandles.lookup;
import static java.lang.invoke.MethodHandles.privateLookupIn;
import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import jdk.internal.misc.Unsafe;

/**
 * Memory outside the heap, by address. Nothing here checks bounds: {@code PoolMemory} does, for the pool.
 *
 * <p>On JDK 17 a store to a page that is gone (poisoned, or beyond the end of the file) kills the JVM in {@code
 * setMemory}, {@code compareAndSet} and the cache-line write-back. Loads and stores of words, and {@code copyMemory},
 * do nothing instead, and leave an {@link InternalError} behind that the thread raises some time later, or in {@link
 * #raisePendingError} (measured; docs/DESIGN.md, "Bad pages").
 */
public final class RawMemory {
    private static final Unsafe UNSAFE = Unsafe.getUnsafe();

    /** 0 where lines can not be written back. */
    private static final long LINE_BYTES = UNSAFE.dataCacheLineFlushSize();

    private static final MethodHandle WRITE_BACK_LINE = find("writeback0", methodType(void.class, long.class));
    private static final MethodHandle WRITE_BACK_FENCE = find("writebackPostSync0", methodType(void.class));

    private static volatile int none;

    private RawMemory() {}

    /** {@code writebackMemory} has both halves in one, and so a fence for each call. */
    private static MethodHandle find(String name, MethodType type) {
        try {
            return privateLookupIn(Unsafe.class, lookup()).findVirtual(Unsafe.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public static long getLong(long address) {
        return UNSAFE.getLong(address);
    }

    public static int getInt(long address) {
        return UNSAFE.getInt(address);
    }

    public static short getShort(long address) {
        return UNSAFE.getShort(address);
    }

    public static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    public static void putLong(long address, long value) {
        UNSAFE.putLong(address, value);
    }

    public static void putInt(long address, int value) {
        UNSAFE.putInt(address, value);
    }

    public static void putShort(long address, short value) {
        UNSAFE.putShort(address, value);
    }

    public static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    public static void copy(long from, long to, long lengthBytes) {
        UNSAFE.copyMemory(from, to, lengthBytes);
    }

    /** Copies out of memory into an array. */
    public static void copyOut(long from, byte[] to, int start, int lengthBytes) {
        UNSAFE.copyMemory(null, from, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + start, lengthBytes);
    }

    /** Copies from an array into memory. */
    public static void copyIn(byte[] from, int start, long to, int lengthBytes) {
        UNSAFE.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + start, null, to, lengthBytes);
    }

    /** Fills private memory with one byte value. Never for the pool: see the class comment. */
    public static void fill(long address, long lengthBytes, byte value) {
        UNSAFE.setMemory(address, lengthBytes, value);
    }

    /** Memory that lives until {@link #free}, zeroed, its start a multiple of {@code alignment} (a power of two). */
    public static long allocateForEver(long lengthBytes, long alignment) {
        long raw = UNSAFE.allocateMemory(lengthBytes + alignment);
        UNSAFE.setMemory(raw, lengthBytes + alignment, (byte) 0);
        return (raw + alignment - 1) & -alignment;
    }

    public static long allocate(long lengthBytes) {
        return UNSAFE.allocateMemory(lengthBytes);
    }

    public static void free(long address) {
        UNSAFE.freeMemory(address);
    }

    /** Whether this CPU and JVM can write back cache lines (JEP 352). */
    public static boolean canWriteBackLines() {
        return Unsafe.isWritebackEnabled();
    }

    /**
     * Starts writing back the lines that hold the range (CLWB, CLFLUSHOPT or CLFLUSH, as the CPU has it). {@link
     * #writeBackFence} waits for them.
     */
    public static void writeBackLines(long address, long lengthBytes) {
        long end = address + lengthBytes;
        try {
            for (long at = address & -LINE_BYTES; at < end; at += LINE_BYTES) {
                WRITE_BACK_LINE.invokeExact(UNSAFE, at);
            }
        } catch (Error e) {
            // Of a page that is gone, met before.
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /** Waits for the write-backs this thread started (SFENCE). */
    public static void writeBackFence() {
        try {
            WRITE_BACK_FENCE.invokeExact(UNSAFE);
        } catch (Error e) {
            // Of a page that is gone, met before.
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /**
     * Raises the {@link InternalError} that an access of this thread to a page that is gone has left behind, if one
     * did. A thread raises it on its way back from the virtual machine, and of the ways into that, making an array of
     * arrays is one that compiled code always takes. Allocates 16 bytes.
     */
    public static void raisePendingError() {
        int size = none;
        if (new byte[size][size].length != size) {
            throw new AssertionError("an array of another length");
        }
    }
}
