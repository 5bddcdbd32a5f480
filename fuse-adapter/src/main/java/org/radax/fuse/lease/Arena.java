package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lease.LeaseProtocol.Order;
import org.radax.core.lease.LeaseProtocol.Passed;
import org.radax.core.os.LibC;
import org.radax.core.os.PageScan;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;
import org.radax.core.os.UserFaults;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The range of addresses in which a client has things mapped: its map thread maps them when ordered to, all else is done
 * from here, through the descriptors that it passed. Thread-safe; a monitor that calls nobody.
 */
final class Arena {
    /** Orders on the way at once: they fit into a socket's buffer. */
    private static final int WINDOW = 32;

    private static final long MOST_ZERO_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Arena.class);

    private final long base;
    private final long lengthBytes;
    private final int[] descriptors;
    private final int process;
    private final long limitMillis;
    private final UserFaults userFaults = new UserFaults();
    private final PageScan scan = new PageScan();
    private final long order = RawMemory.allocate(Order.SIZE + Order.RESULT_SIZE);

    @GuardedBy("this")
    private int outstanding;

    /** Shown since all were dropped. */
    @GuardedBy("this")
    private long zeroBytes;

    /** How long it has been waited for. */
    @GuardedBy("this")
    private long waitedNanos;

    private volatile boolean isGone;

    /**
     * @param descriptors as {@link Passed} has them; this arena's from now on
     * @param process a pidfd; this arena's from now on
     * @param limitMillis how long the client may take to answer the orders of one operation
     */
    Arena(long base, long lengthBytes, int[] descriptors, int process, long limitMillis) {
        this.base = base;
        this.lengthBytes = lengthBytes;
        this.descriptors = descriptors;
        this.process = process;
        this.limitMillis = limitMillis;
        UnixSockets.limit(descriptors[Passed.MAP_SOCKET], limitMillis);
    }

    boolean contains(long address, long length) {
        return length > 0 && address >= base && length <= lengthBytes && address - base <= lengthBytes - length;
    }

    /** Whether the client is dead, or does not answer: it can not be helped to a page, nor asked what it stored. */
    boolean isGone() {
        return isGone;
    }

    /** Waits until the process has ended. */
    boolean awaitEnd(int timeoutMillis) {
        return Polling.isReadable(process, timeoutMillis);
    }

    /** Its map thread hears of it, now or when it runs again, and takes everything away. */
    void give() {
        isGone = true;
        LibC.INSTANCE.shutdown(descriptors[Passed.MAP_SOCKET], LibC.SHUT_RDWR);
    }

    /** Nobody calls any more. */
    synchronized void close() {
        give();
        for (int descriptor : descriptors) {
            LibC.INSTANCE.close(descriptor);
        }
        LibC.INSTANCE.close(process);
        userFaults.close();
        scan.close();
        RawMemory.free(order);
    }

    int faultDescriptor() {
        return descriptors[Passed.FAULTS];
    }

    /**
     * Shows a hole: whoever touches it from now on waits for {@link #showZeroes}, or another mapping. What was mapped
     * there is gone when this returns, and what was stored between the two steps of it is dropped.
     */
    synchronized void showHole(long address, long length, boolean writable) throws FsException {
        order(address, length, writable, Order.FROM_MEMFD, address - base);
        await();
        check(
                userFaults.register(
                        faultDescriptor(), address, length, UserFaults.MODE_MISSING | UserFaults.MODE_PROTECT),
                "register a hole");
        dropZeroes(address, length);
    }

    /** Takes away the zeroes that were shown: the next who touches them waits. */
    synchronized void dropZeroes(long address, long length) throws FsException {
        if (isGone) {
            throw lost();
        }
        int mode = LibC.FALLOC_FL_KEEP_SIZE | LibC.FALLOC_FL_PUNCH_HOLE;
        int failed = LibC.INSTANCE.fallocate(descriptors[Passed.MEMFD], mode, address - base, length);
        check(failed == 0 ? 0 : LibC.errno(), "drop zeroes");
    }

    /**
     * Shows zeroes for reading in a hole, of at most 2 MiB; a store waits. They are memory of the client's, so that all of
     * them go when there are many: who reads them again waits again.
     */
    synchronized void showZeroes(long address, long length) throws FsException {
        zeroBytes += length;
        if (zeroBytes > MOST_ZERO_BYTES) {
            dropZeroes(base, lengthBytes);
            zeroBytes = length;
        }
        int errno = userFaults.copyProtected(faultDescriptor(), address, PoolMemory.zeroRegion(), length);
        if (errno == Errno.EEXIST.number() || errno == Errno.EAGAIN.number()) {
            // Some are there already, or the address space is being changed: page by page, whoever waits asks again.
            for (long at = address; at < address + length; at += Units.BLOCK_BYTES) {
                userFaults.copyProtected(faultDescriptor(), at, PoolMemory.zeroRegion(), Units.BLOCK_BYTES);
            }
            return;
        }
        check(errno, "show zeroes");
    }

    /** Has blocks of the pool mapped; several may be on the way until {@link #track} or {@link #await}. */
    synchronized void showPool(long address, long length, boolean writable, long poolOffset) throws FsException {
        order(address, length, writable, writable ? Order.FROM_POOL_WRITABLE : Order.FROM_POOL_READABLE, poolOffset);
    }

    /**
     * Tracks stores to what was just mapped.
     *
     * @param touched is told each page that was touched before, and might have been stored to untold; or null if nobody
     *     knew of the address
     */
    synchronized void track(long address, long length, PageScan.Visitor touched) throws FsException {
        await();
        check(
                userFaults.register(descriptors[Passed.TRACKING], address, length, UserFaults.MODE_PROTECT),
                "track stores");
        check(userFaults.protect(descriptors[Passed.TRACKING], address, length), "track stores");
        if (touched != null) {
            check(scan.findPresent(descriptors[Passed.PAGEMAP], address, address + length, touched), "scan");
        }
    }

    /**
     * Holds up stores to what is mapped, from now until {@link #letStoresGo}; loads go on. Stores were tracked, and are no
     * more.
     *
     * @param touched is told each page that was touched before, and might have been stored to untold
     */
    synchronized void holdStores(long address, long length, PageScan.Visitor touched) throws FsException {
        if (isGone) {
            throw lost();
        }
        check(userFaults.unregister(descriptors[Passed.TRACKING], address, length), "hold stores up");
        int errno = userFaults.register(faultDescriptor(), address, length, UserFaults.MODE_PROTECT);
        if (errno == Errno.EINVAL.number()) {
            throw new FsException(Errno.EBUSY, "map", "the kernel holds stores up for pools on tmpfs alone");
        }
        check(errno, "hold stores up");
        check(userFaults.protect(faultDescriptor(), address, length), "hold stores up");
        check(scan.findPresent(descriptors[Passed.PAGEMAP], address, address + length, touched), "scan");
    }

    /** After {@link #holdStores}, even if that failed half-way: stores go on, and are tracked. */
    synchronized void letStoresGo(long address, long length, PageScan.Visitor touched) throws FsException {
        if (isGone) {
            throw lost();
        }
        int errno = userFaults.unregister(faultDescriptor(), address, length);
        if (errno != 0) {
            LOG.debug("stores were not held up: errno {}", errno);
        }
        track(address, length, touched);
    }

    /** Tells what was stored to since it was tracked or asked for last; all of it if that can not be known. */
    synchronized void takeWritten(long address, long length, PageScan.Visitor written) {
        if (isGone
                || scan.takeWritten(descriptors[Passed.PAGEMAP], address, address + length, written) != 0
                // Of a process that has ended a scan says that nothing was written.
                || awaitEnd(0)) {
            written.range(address, address + length);
        }
    }

    /** Whoever touches a page gets SIGBUS, whatever was shown there; until {@link #showHole}. */
    synchronized void poison(long address, boolean writable) {
        try {
            int errno = userFaults.poison(faultDescriptor(), address, Units.BLOCK_BYTES);
            if (errno != 0) {
                // Something is shown there.
                showHole(address, Units.BLOCK_BYTES, writable);
                check(userFaults.poison(faultDescriptor(), address, Units.BLOCK_BYTES), "poison");
            }
        } catch (FsException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Who waits for any page looks again. */
    void wakeAll() {
        wake(base, lengthBytes);
    }

    /** Who waits for these pages looks again. */
    synchronized void wake(long address, long length) {
        if (!isGone) {
            userFaults.wake(faultDescriptor(), address, length);
        }
    }

    /** Waits until all orders are carried out. */
    synchronized void await() throws FsException {
        FsException first = null;
        while (outstanding > 0) {
            try {
                awaitOne();
            } catch (FsException e) {
                if (isGone) {
                    throw e;
                }
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** An operation begins, in which the client may be waited for. */
    synchronized void begin() {
        waitedNanos = 0;
    }

    @GuardedBy("this")
    private void order(long address, long length, boolean writable, int source, long offset) throws FsException {
        if (outstanding == WINDOW) {
            awaitOne();
        }
        RawMemory.putLong(order + Order.ADDRESS, address);
        RawMemory.putLong(order + Order.LENGTH, length);
        RawMemory.putLong(order + Order.PROTECTION, LibC.PROT_READ | (writable ? LibC.PROT_WRITE : 0));
        RawMemory.putLong(order + Order.SOURCE, source);
        RawMemory.putLong(order + Order.OFFSET, offset);
        if (isGone || LibC.INSTANCE.send(socket(), order, Order.SIZE, LibC.MSG_NOSIGNAL) != Order.SIZE) {
            throw lost();
        }
        outstanding++;
    }

    @GuardedBy("this")
    private void awaitOne() throws FsException {
        long result = order + Order.SIZE;
        long start = System.nanoTime();
        if (isGone || LibC.INSTANCE.recv(socket(), result, Order.RESULT_SIZE, 0) != Order.RESULT_SIZE) {
            throw lost();
        }
        waitedNanos += System.nanoTime() - start;
        if (waitedNanos > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
            throw lost();
        }
        outstanding--;
        long value = RawMemory.getLong(result);
        if (value < 0 && value > -4096) {
            throw new FsException(
                    Errno.of((int) -value), "map", "the client's mmap: " + LibC.INSTANCE.strerror((int) -value));
        }
    }

    private int socket() {
        return descriptors[Passed.MAP_SOCKET];
    }

    private FsException lost() {
        give();
        return new FsException(Errno.EIO, "map", "the client is gone, or did not answer within " + limitMillis + " ms");
    }

    private static void check(int errno, String what) throws FsException {
        if (errno != 0) {
            throw new FsException(Errno.of(errno), "map", what + ": " + LibC.INSTANCE.strerror(errno));
        }
    }
}
