package org.radax.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.error.Errno;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.lease.LeaseProtocol.Passed;
import org.radax.core.lease.LeaseProtocol.Reply;
import org.radax.core.lease.LeaseProtocol.Request;
import org.radax.core.os.Descriptors;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;
import org.radax.dax.DaxException.Reason;

/** A server that refuses, or is gone: nothing is kept that is needed later. The server is a thread that says yes. */
@Timeout(120)
final class AttachmentTest {
    private static final long ARENA = 1L << 42;
    private static final int HANG_UP = -1;

    @TempDir
    Path directory;

    /** By type of request: what is refused with which errno. */
    private final Map<Integer, Integer> refused = new ConcurrentHashMap<>();

    private final long message = RawMemory.allocateForEver(Request.SIZE + Reply.SIZE, 8);
    private Grant grant;
    private int listening;
    private Thread server;
    private volatile int connected = -1;
    private volatile int mapSocket = -1;

    @BeforeEach
    void listen() throws IOException {
        Path pool = Files.write(directory.resolve("pool"), new byte[4096]);
        grant = new Grant(1, 2, directory.resolve("socket"), pool, (long) Files.getAttribute(pool, "unix:dev"), (long)
                Files.getAttribute(pool, "unix:ino"));
        listening = UnixSockets.listen(grant.socket(), 1);
        server = new Thread(this::serve, "the server");
        server.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        LibC.INSTANCE.shutdown(listening, LibC.SHUT_RDWR);
        LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
        if (connected >= 0) {
            LibC.INSTANCE.shutdown(connected, LibC.SHUT_RDWR);
        }
        server.join();
        LibC.INSTANCE.close(listening);
        LibC.INSTANCE.close(mapSocket);
    }

    private void serve() {
        int connection = LibC.INSTANCE.accept4(listening, 0, 0, LibC.SOCK_CLOEXEC);
        while (connection >= 0) {
            connected = connection;
            int[] passed = new int[Passed.COUNT];
            boolean served = true;
            while (served && Descriptors.receive(connection, message, Request.SIZE, passed) == Request.SIZE) {
                for (int descriptor : passed) {
                    LibC.INSTANCE.close(descriptor);
                }
                served = answer(connection, RawMemory.getInt(message + Request.TYPE));
            }
            connected = -1;
            LibC.INSTANCE.close(connection);
            connection = LibC.INSTANCE.accept4(listening, 0, 0, LibC.SOCK_CLOEXEC);
        }
    }

    private boolean answer(int connection, int type) {
        int errno = refused.getOrDefault(type, 0);
        if (errno == HANG_UP) {
            return false;
        }
        long reply = message + Request.SIZE;
        RawMemory.fill(reply, Reply.SIZE, (byte) 0);
        RawMemory.putInt(reply + Reply.ERRNO, errno);
        if (type != Request.HELLO || errno != 0) {
            return LibC.INSTANCE.send(connection, reply, Reply.SIZE, 0) == Reply.SIZE;
        }
        int[] ends = UnixSockets.pair();
        mapSocket = ends[0];
        boolean sent = Descriptors.send(connection, reply, Reply.SIZE, new int[] {ends[1]}) == Reply.SIZE;
        LibC.INSTANCE.close(ends[1]);
        return sent;
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private static void assertFails(Reason reason, Executable action) {
        assertEquals(reason, assertThrows(DaxException.class, action).reason());
    }

    @Test
    void shouldKeepNothingOfARefusedHello() throws Exception {
        refused.put(Request.HELLO, Errno.EPROTO.number());
        assertFails(Reason.UNSUPPORTED, () -> Attachment.to(grant));
        long descriptors = openDescriptors();
        for (int i = 0; i < 40; i++) {
            assertFails(Reason.UNSUPPORTED, () -> Attachment.to(grant));
        }
        // The server may not have closed its last ones yet.
        assertTrue(openDescriptors() <= descriptors + Passed.COUNT + 1, "descriptors are left open");
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE;
        long at = LibC.INSTANCE.mmap(0, ARENA, LibC.PROT_NONE, flags, -1, 0);
        assertNotEquals(-1, at, "no addresses are left");
        LibC.INSTANCE.munmap(at, ARENA);
    }

    private DaxFile file() throws DaxException {
        Attachment attachment = Attachment.to(grant);
        int descriptor = LibC.INSTANCE.open("/dev/null", LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        return new DaxFile(Path.of("file"), descriptor, true, attachment, attachment.open(grant, true));
    }

    @Test
    void shouldGiveTheAddressesOfARefusedMappingBack() throws Exception {
        try (DaxFile file = file()) {
            refused.put(Request.MAP, Errno.ENOMEM.number());
            for (int i = 0; i < 5; i++) {
                assertFails(Reason.NOT_MAPPABLE_NOW, () -> file.map(0, 1L << 40));
            }
            refused.clear();
            file.map(0, 1L << 40).close();
        }
    }

    /** As a server does, to see that no process has anything of the pool mapped. */
    private boolean poolIsFree() {
        int descriptor = LibC.INSTANCE.open(grant.pool().toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        long flock = RawMemory.allocateForEver(32, 8);
        RawMemory.putShort(flock, (short) 1);
        RawMemory.putLong(flock + 8, LeaseProtocol.LOCK_BYTE);
        RawMemory.putLong(flock + 16, 1);
        boolean isFree = LibC.INSTANCE.fcntl(descriptor, LibC.F_OFD_SETLK, flock) == 0;
        LibC.INSTANCE.close(descriptor);
        return isFree;
    }

    @Test
    void shouldNotKeepThePoolOfAServerThatIsGone() throws Exception {
        Attachment attachment = Attachment.to(grant);
        attachment.open(grant, false);
        assertTrue(!poolIsFree());
        LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
        while (!poolIsFree()) {
            Thread.sleep(1);
        }
        // The map thread has ended; the pool is opened for stores now.
        refused.put(Request.OPEN, HANG_UP);
        assertFails(Reason.GONE, () -> attachment.open(grant, true));
        assertTrue(poolIsFree(), "locked for ever");
        assertFails(Reason.GONE, () -> attachment.open(grant, true));
        assertTrue(poolIsFree(), "locked for ever, at the next try");
    }

    @Test
    void shouldThrowAtAStoreAfterTheServerIsGoneAndTheMappingClosed() throws Exception {
        DaxFile file = file();
        DaxMapping mapping = file.map(0, 4096);
        refused.put(Request.UNMAP, HANG_UP);
        LibC.INSTANCE.shutdown(mapSocket, LibC.SHUT_RDWR);
        while (!poolIsFree()) {
            Thread.sleep(1);
        }
        mapping.close();
        file.close();
        assertThrows(InternalError.class, () -> {
            RawMemory.putLong(mapping.address(), 1);
            RawMemory.raisePendingError();
        });
    }
}
