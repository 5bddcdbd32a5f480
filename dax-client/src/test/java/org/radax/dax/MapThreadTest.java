package org.radax.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.error.Errno;
import org.radax.core.lease.LeaseProtocol.Order;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;

/** The machine code that maps: it does what it is ordered to, inside the arena, and takes everything away at the end. */
@Timeout(60)
final class MapThreadTest {
    private static final long ARENA = 16 << 20;
    private static final long PAGE = 4096;

    private final long order = RawMemory.allocateForEver(Order.SIZE + Order.RESULT_SIZE, 8);
    private int[] sockets;
    private long arena;
    private int memfd;
    private MapThread thread;

    @BeforeEach
    void start() throws Exception {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "radax-map", ".memory");
        memfd = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        Files.delete(file);
        LibC.INSTANCE.ftruncate(memfd, ARENA);
        arena = LibC.INSTANCE.mmap(
                0, ARENA, LibC.PROT_NONE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE, -1, 0);
        sockets = UnixSockets.pair();
        thread = new MapThread(sockets[1], arena, ARENA, LibC.INSTANCE.dup(memfd), LibC.INSTANCE.dup(memfd));
    }

    @AfterEach
    void end() {
        LibC.INSTANCE.close(sockets[0]);
        LibC.INSTANCE.close(sockets[1]);
        LibC.INSTANCE.close(memfd);
        LibC.INSTANCE.munmap(arena, ARENA);
    }

    private long order(long address, long length, long protection, long source, long offset) {
        RawMemory.putLong(order + Order.ADDRESS, address);
        RawMemory.putLong(order + Order.LENGTH, length);
        RawMemory.putLong(order + Order.PROTECTION, protection);
        RawMemory.putLong(order + Order.SOURCE, source);
        RawMemory.putLong(order + Order.OFFSET, offset);
        assertEquals(Order.SIZE, LibC.INSTANCE.send(sockets[0], order, Order.SIZE, 0));
        assertEquals(Order.RESULT_SIZE, LibC.INSTANCE.recv(sockets[0], order + Order.SIZE, Order.RESULT_SIZE, 0));
        return RawMemory.getLong(order + Order.SIZE);
    }

    private void hangUp() {
        LibC.INSTANCE.shutdown(sockets[0], LibC.SHUT_RDWR);
        thread.join();
    }

    @Test
    void shouldMapWhatItIsOrderedTo() {
        long rw = LibC.PROT_READ | LibC.PROT_WRITE;
        assertEquals(arena + PAGE, order(arena + PAGE, 2 * PAGE, rw, Order.FROM_MEMFD, 5 * PAGE));
        RawMemory.putLong(arena + PAGE + 8, 42);
        long seen = LibC.INSTANCE.mmap(0, ARENA, LibC.PROT_READ, LibC.MAP_SHARED, memfd, 0);
        assertEquals(42, RawMemory.getLong(seen + 5 * PAGE + 8));
        LibC.INSTANCE.munmap(seen, ARENA);
        hangUp();
    }

    @Test
    void shouldMapInsideTheArenaOnly() {
        long invalid = -Errno.EINVAL.number();
        assertEquals(invalid, order(arena - PAGE, PAGE, 3, Order.FROM_MEMFD, 0));
        assertEquals(invalid, order(arena + ARENA - PAGE, 2 * PAGE, 3, Order.FROM_MEMFD, 0));
        assertEquals(invalid, order(arena, -PAGE, 3, Order.FROM_MEMFD, 0));
        assertEquals(invalid, order(arena, PAGE, 3, 3, 0));
        assertEquals(invalid, order(arena, PAGE, 3, -1, 0));
        assertEquals(-Errno.EBADF.number(), order(arena, PAGE, 3, Order.FROM_POOL_WRITABLE, 0));
        assertEquals(arena + ARENA - PAGE, order(arena + ARENA - PAGE, PAGE, 3, Order.FROM_MEMFD, 0));
        hangUp();
    }

    @Test
    void shouldNeverMakeCode() {
        assertNotEquals(-1, order(arena, PAGE, LibC.PROT_READ | LibC.PROT_EXEC, Order.FROM_MEMFD, 0));
        // PROT_EXEC was dropped: /proc says so.
        assertEquals("r--s", protection(arena));
        hangUp();
    }

    private static String protection(long address) {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.startsWith(Long.toHexString(address) + "-"))
                    .map(line -> line.split(" ", -1)[1])
                    .findFirst()
                    .orElseThrow();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void shouldTakeEverythingAwayAtTheEnd() {
        order(arena, 4 * PAGE, LibC.PROT_READ | LibC.PROT_WRITE, Order.FROM_MEMFD, 0);
        RawMemory.putLong(arena, 1);
        hangUp();
        assertThrows(InternalError.class, () -> {
            RawMemory.getLong(arena);
            RawMemory.raisePendingError();
        });
    }
}
