package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
 * from here, through the descriptors that it passed. Thread-safe; calls nobody.
 *
 * <p>Whatever the client can hold up is left to its {@link Hands}, and waited for no longer than its user's
 * {@link Allowance} has it.
 */
final class Arena {
    /** Orders on the way at once: they fit into a socket's buffer. */
    private static final int WINDOW = 32;

    private static final long MOST_ZERO_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Arena.class);

    private final long base;
    private final long lengthBytes;
    private final int[] descriptors;
    private final int mapSocket;
    private final int process;
    private final long limitNanos;
    private final Allowance allowance;
    private final Hands hands;

    /** Of {@link #wake}, which no client can hold up. */
    @GuardedBy("itself")
    private final UserFaults waker = new UserFaults();

    // The hands' alone, up to failedErrno.
    private final UserFaults userFaults = new UserFaults();
    private final PageScan scan = new PageScan();
    private final long order = RawMemory.allocate(Order.SIZE + Order.RESULT_SIZE);

    /** What to do when they are carried out, of the orders on the way. */
    private final ArrayDeque<Runnable> outstanding = new ArrayDeque<>(WINDOW);

    /** Shown since all were dropped. */
    private long zeroBytes;

    /** Of the first order since the last {@link #await} that the client could not carry out; or 0. */
    private int failedErrno;

    /** How long it has been waited for, in the operation under way. */
    @GuardedBy("this")
    private long waitedNanos;

    private volatile boolean isGone;

    /**
     * @param descriptors as {@link Passed} has them; this arena's from now on
     * @param mapSocket the server's end, of which the client has none: it could hold up whoever uses it
     * @param process a pidfd; this arena's from now on
     * @param limitMillis how long the client may keep one operation waiting
     */
    Arena(
            long base,
            long lengthBytes,
            int[] descriptors,
            int mapSocket,
            int process,
            long limitMillis,
            Allowance allowance) {
        this.base = base;
        this.lengthBytes = lengthBytes;
        this.descriptors = descriptors;
        this.mapSocket = mapSocket;
        this.process = process;
        this.limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
        this.allowance = allowance;
        UnixSockets.limit(mapSocket, limitMillis);
        hands = new Hands("radax-hands");
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
        LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
    }

    /** Nobody calls any more. Returns when the client holds up none of the calls under way. */
    void close() {
        give();
        hands.end(() -> {
            for (int descriptor : descriptors) {
                LibC.INSTANCE.close(descriptor);
            }
            LibC.INSTANCE.close(mapSocket);
            userFaults.close();
            synchronized (waker) {
                waker.close();
            }
            scan.close();
            RawMemory.free(order);
        });
        LibC.INSTANCE.close(process);
    }

    /** False once it was given up, or if faults can not be told. */
    boolean awaitFault() {
        return Polling.awaitReadable(faultDescriptor(), mapSocket);
    }

    int faultDescriptor() {
        return descriptors[Passed.FAULTS];
    }

    /**
     * Shows a hole: whoever touches it from now on waits for {@link #showZeroes}, or another mapping. What was mapped
     * there is gone when this returns, and what was stored between the two steps of it is dropped.
     */
    void showHole(long address, long length, boolean writable) throws FsException {
        perform(() -> makeHole(address, length, writable));
    }

    private void makeHole(long address, long length, boolean writable) throws FsException {
        order(address, length, writable, Order.FROM_MEMFD, address - base, () -> {});
        awaitOrders();
        check(
                userFaults.register(
                        faultDescriptor(), address, length, UserFaults.MODE_MISSING | UserFaults.MODE_PROTECT),
                "register a hole");
        punch(address, length);
    }

    /** Takes away the zeroes that were shown: the next who touches them waits. */
    void dropZeroes(long address, long length) throws FsException {
        perform(() -> punch(address, length));
    }

    private void punch(long address, long length) throws FsException {
        int mode = LibC.FALLOC_FL_KEEP_SIZE | LibC.FALLOC_FL_PUNCH_HOLE;
        int failed = LibC.INSTANCE.fallocate(descriptors[Passed.MEMFD], mode, address - base, length);
        check(failed == 0 ? 0 : LibC.errno(), "drop zeroes");
    }

    /**
     * Shows zeroes for reading in a hole, of at most 2 MiB; a store waits. They are memory of the client's, so that all of
     * them go when there are many: who reads them again waits again.
     */
    void showZeroes(long address, long length) throws FsException {
        perform(() -> copyZeroes(address, length));
    }

    private void copyZeroes(long address, long length) throws FsException {
        zeroBytes += length;
        if (zeroBytes > MOST_ZERO_BYTES) {
            punch(base, lengthBytes);
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

    /**
     * Has blocks of the pool mapped; not before {@link #track} or {@link #await} is it known whether they are.
     *
     * @param mapped called by the hands once they are
     */
    void showPool(long address, long length, boolean writable, long poolOffset, Runnable mapped) {
        int source = writable ? Order.FROM_POOL_WRITABLE : Order.FROM_POOL_READABLE;
        hands.later(() -> {
            if (!isGone) {
                order(address, length, writable, source, poolOffset, mapped);
            }
        });
    }

    /**
     * Tracks stores to what was just mapped.
     *
     * @param touched is told each page that was touched before, and might have been stored to untold; or null if nobody
     *     knew of the address
     */
    void track(long address, long length, PageScan.Visitor touched) throws FsException {
        List<long[]> present = new ArrayList<>();
        perform(() -> {
            awaitOrders();
            check(
                    userFaults.register(descriptors[Passed.TRACKING], address, length, UserFaults.MODE_PROTECT),
                    "track stores");
            check(userFaults.protect(descriptors[Passed.TRACKING], address, length), "track stores");
            if (touched != null) {
                findPresent(address, length, present);
            }
        });
        present.forEach(range -> touched.range(range[0], range[1]));
    }

    /**
     * Holds up stores to what is mapped, from now until {@link #letStoresGo}; loads go on. Stores were tracked, and are no
     * more.
     *
     * @param touched is told each page that was touched before, and might have been stored to untold
     */
    void holdStores(long address, long length, PageScan.Visitor touched) throws FsException {
        List<long[]> present = new ArrayList<>();
        perform(() -> {
            check(userFaults.unregister(descriptors[Passed.TRACKING], address, length), "hold stores up");
            int errno = userFaults.register(faultDescriptor(), address, length, UserFaults.MODE_PROTECT);
            if (errno == Errno.EINVAL.number()) {
                throw new FsException(Errno.EBUSY, "map", "the kernel holds stores up for pools on tmpfs alone");
            }
            check(errno, "hold stores up");
            check(userFaults.protect(faultDescriptor(), address, length), "hold stores up");
            findPresent(address, length, present);
        });
        present.forEach(range -> touched.range(range[0], range[1]));
    }

    /** After {@link #holdStores}, even if that failed half-way: stores go on, and are tracked. */
    void letStoresGo(long address, long length, PageScan.Visitor touched) throws FsException {
        perform(() -> {
            int errno = userFaults.unregister(faultDescriptor(), address, length);
            if (errno != 0) {
                LOG.debug("stores were not held up: errno {}", errno);
            }
        });
        track(address, length, touched);
    }

    private void findPresent(long address, long length, List<long[]> present) throws FsException {
        check(
                scan.findPresent(
                        descriptors[Passed.PAGEMAP],
                        address,
                        address + length,
                        (start, end) -> present.add(new long[] {start, end})),
                "scan");
    }

    /** Tells what was stored to since it was tracked or asked for last; all of it if that can not be known. */
    void takeWritten(long address, long length, PageScan.Visitor written) {
        List<long[]> found = new ArrayList<>();
        tell(() -> perform(() -> scanWritten(address, length, found)), found, address, length, written);
    }

    /**
     * As {@link #takeWritten}, by this thread itself, which has no lock that others wait for: they wait for it no longer
     * than for the client in all else. It is told before anybody else asks.
     */
    void takeWrittenHere(long address, long length, PageScan.Visitor written) {
        List<long[]> found = new ArrayList<>();
        try {
            hands.performHere(() -> tell(() -> scanWritten(address, length, found), found, address, length, written));
        } catch (FsException e) {
            throw new IllegalStateException("nothing else fails", e);
        }
    }

    /**
     * However a scan fails, it may have write-protected pages that were stored to. If not even that can be told, the client is
     * given up: then each who asks is told all.
     */
    private void tell(Hands.Work scanning, List<long[]> found, long address, long length, PageScan.Visitor written) {
        boolean isTold = false;
        try {
            boolean isKnown = false;
            try {
                scanning.run();
                isKnown = true;
            } catch (FsException | RuntimeException | Error e) {
                LOG.debug("{}", e.getMessage());
            }
            if (isKnown) {
                found.forEach(range -> written.range(range[0], range[1]));
            } else {
                written.range(address, address + length);
            }
            isTold = true;
        } finally {
            if (!isTold) {
                give();
            }
        }
    }

    private void scanWritten(long address, long length, List<long[]> found) throws FsException {
        check(
                scan.takeWritten(
                        descriptors[Passed.PAGEMAP],
                        address,
                        address + length,
                        (start, end) -> found.add(new long[] {start, end})),
                "scan");
        // Of a process that has ended a scan says that nothing was written.
        if (awaitEnd(0)) {
            throw new FsException(Errno.EIO, "map", "the process has ended");
        }
    }

    /** Whoever touches a page gets SIGBUS, whatever was shown there; until {@link #showHole}. */
    void poison(long address, boolean writable) {
        try {
            perform(() -> {
                if (userFaults.poison(faultDescriptor(), address, Units.BLOCK_BYTES) != 0) {
                    // Something is shown there.
                    makeHole(address, Units.BLOCK_BYTES, writable);
                    check(userFaults.poison(faultDescriptor(), address, Units.BLOCK_BYTES), "poison");
                }
            });
        } catch (FsException e) {
            complain(e.getMessage());
        }
    }

    /** Who waits for any page looks again. */
    void wakeAll() {
        wake(base, lengthBytes);
    }

    /** Who waits for these pages looks again. */
    void wake(long address, long length) {
        synchronized (waker) {
            if (!isGone) {
                waker.wake(faultDescriptor(), address, length);
            }
        }
    }

    /** Waits until all orders are carried out. */
    void await() throws FsException {
        perform(this::awaitOrders);
    }

    /** Waits until all orders are carried out, or could not be: which, is known then. */
    void settle() throws FsException {
        perform(() -> {
            awaitAnswers();
            failedErrno = 0;
        });
    }

    /** An operation begins, in which the client may be waited for. */
    synchronized void begin() {
        waitedNanos = 0;
    }

    /** Logs what the client brought about, unless its user's clients have filled the log enough. */
    void complain(String what) {
        if (allowance.mayLog(System.nanoTime())) {
            LOG.warn("{}", what);
        }
    }

    // Waiting for the hands.

    private void perform(Hands.Work work) throws FsException {
        long start = System.nanoTime();
        boolean done = false;
        boolean failed = true;
        try {
            done = !isGone
                    && hands.perform(
                            () -> {
                                if (isGone) {
                                    throw lost();
                                }
                                work.run();
                            },
                            patienceNanos(start));
            failed = false;
        } finally {
            count(System.nanoTime() - start);
        }
        if (!done && !failed) {
            if (!isGone) {
                allowance.unanswered();
            }
            throw lost();
        }
    }

    private synchronized long patienceNanos(long now) {
        return Math.min(limitNanos - waitedNanos, allowance.patienceNanos(now));
    }

    private synchronized void count(long nanos) {
        waitedNanos += nanos;
        allowance.waited(nanos);
    }

    // By the hands.

    private void awaitOrders() throws FsException {
        awaitAnswers();
        int failed = failedErrno;
        failedErrno = 0;
        check(failed, "the client's mmap");
    }

    private void awaitAnswers() throws FsException {
        while (!outstanding.isEmpty()) {
            awaitOne();
        }
    }

    private void order(long address, long length, boolean writable, int source, long offset, Runnable mapped)
            throws FsException {
        if (outstanding.size() == WINDOW) {
            awaitOne();
        }
        RawMemory.putLong(order + Order.ADDRESS, address);
        RawMemory.putLong(order + Order.LENGTH, length);
        RawMemory.putLong(order + Order.PROTECTION, LibC.PROT_READ | (writable ? LibC.PROT_WRITE : 0));
        RawMemory.putLong(order + Order.SOURCE, source);
        RawMemory.putLong(order + Order.OFFSET, offset);
        if (LibC.INSTANCE.send(mapSocket, order, Order.SIZE, LibC.MSG_NOSIGNAL) != Order.SIZE) {
            throw lost();
        }
        outstanding.add(mapped);
    }

    private void awaitOne() throws FsException {
        long result = order + Order.SIZE;
        if (isGone || LibC.INSTANCE.recv(mapSocket, result, Order.RESULT_SIZE, 0) != Order.RESULT_SIZE) {
            throw lost();
        }
        Runnable mapped = outstanding.remove();
        long value = RawMemory.getLong(result);
        if (value >= 0 || value <= -4096) {
            mapped.run();
        } else if (failedErrno == 0) {
            failedErrno = (int) -value;
        }
    }

    private FsException lost() {
        give();
        return new FsException(Errno.EIO, "map", "the client is gone, or did not answer in time");
    }

    private static void check(int errno, String what) throws FsException {
        if (errno != 0) {
            throw new FsException(Errno.of(errno), "map", what + ": " + LibC.INSTANCE.strerror(errno));
        }
    }
}
