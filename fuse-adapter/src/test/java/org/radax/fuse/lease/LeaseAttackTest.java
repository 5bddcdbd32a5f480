package org.radax.fuse.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.dax.PageRun;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.TreeLayout;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.lease.LeaseProtocol.Grant;
import org.radax.core.lease.LeaseProtocol.Order;
import org.radax.core.lease.LeaseProtocol.Passed;
import org.radax.core.lease.LeaseProtocol.Request;
import org.radax.core.os.Descriptors;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;
import org.radax.core.volume.Caller;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.FormatOptions;
import org.radax.core.volume.Formatter;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.TestVolume;
import org.radax.core.volume.VolumeOptions;

/** Clients of the lease socket that keep to nothing. They are this process, whose end the server never sees. */
@Timeout(120)
final class LeaseAttackTest {
    private static final int PAGE = 4096;
    private static final long POOL_BYTES = 64 << 20;
    private static final int LIMIT_MILLIS = 200;
    private static final int O_RDWR = 2;
    private static final int O_WRONLY = 1;
    private static final int EINVAL = Errno.EINVAL.number();
    private static final int EACCES = Errno.EACCES.number();
    private static final Caller SOMEBODY = new Caller().set(1000, 1000, 1, 0);
    private static final Caller ANOTHER = new Caller().set(1001, 1001, 1, 0);

    private Path directory;
    private Path socket;
    private TestVolume test;
    private LeaseServer server;
    private int pool;

    @BeforeEach
    void start() throws Exception {
        directory = Files.createTempDirectory(Path.of("/dev/shm"), "radax-attack");
        Path file = directory.resolve("pool");
        Formatter.format(new FormatOptions(file, POOL_BYTES, "attack", new UUID(1, 2), 0600, -1, false, false));
        test = new TestVolume(
                file,
                new VolumeOptions(false, VolumeOptions.Dax.ALWAYS, VolumeOptions.Access.RELATIME, "auto", true, false));
        socket = directory.resolve("leases");
        serve(LIMIT_MILLIS);
        pool = LibC.INSTANCE.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
    }

    private void serve(long limitMillis) throws Exception {
        System.setProperty(LeaseServer.LIMIT_PROPERTY, Long.toString(limitMillis));
        server = LeaseServer.start(socket, test.volume, ino -> {});
        System.clearProperty(LeaseServer.LIMIT_PROPERTY);
    }

    @AfterEach
    void stop() throws Exception {
        // Who has not let go is this process, and waited for in vain.
        server.close(5 * LIMIT_MILLIS);
        LibC.INSTANCE.close(pool);
        test.close();
        try (Stream<Path> left = Files.list(directory)) {
            for (Path path : left.toList()) {
                Files.delete(path);
            }
        }
        Files.delete(directory);
    }

    // What there is to attack.

    private long file(String name, int pages) throws FsException {
        long ino = test.create(FileSystem.ROOT_INO, name);
        for (int page = 0; page < pages; page++) {
            test.write(ino, (long) page * PAGE, ("page " + page + " of " + name).getBytes(UTF_8));
        }
        return ino;
    }

    private long[] token(Caller caller, long ino, int flags) throws FsException {
        OpenFile open = test.volume.open(caller, ino, flags, false);
        long grant = RawMemory.allocate(Grant.SIZE);
        try {
            RawMemory.fill(grant, Grant.SIZE, (byte) 0);
            test.volume.grantLease(caller, open, grant);
            return new long[] {
                RawMemory.getLong(grant + Grant.TOKEN), RawMemory.getLong(grant + Grant.TOKEN + Long.BYTES)
            };
        } finally {
            RawMemory.free(grant);
            test.volume.release(open);
        }
    }

    private long lease(RawClient client, long ino) throws FsException {
        long[] token = token(TestVolume.ROOT, ino, O_RDWR);
        assertEquals(0, client.request(Request.OPEN, token[0], token[1]));
        return client.value;
    }

    /** A client that has mapped a file, and from then on behaves in some way. */
    private RawClient mapped(long ino, int pages, RawClient.Behaviour behaviour) throws FsException {
        return mapped(ino, 0, pages, behaviour);
    }

    private RawClient mapped(long ino, long first, int pages, RawClient.Behaviour behaviour) throws FsException {
        RawClient client = new RawClient(socket);
        RawClient.Behaviour honest = RawClient.honest(client, pool);
        RawClient.Behaviour[] current = {honest};
        client.hello(order -> current[0].carryOut(order));
        long lease = lease(client, ino);
        long length = (long) pages * PAGE;
        assertEquals(0, client.request(Request.MAP, lease, first * PAGE, length, client.arena, 1));
        current[0] = behaviour == null ? honest : behaviour;
        return client;
    }

    private static RawClient.Behaviour mute() {
        return order -> {
            TimeUnit.DAYS.sleep(1);
            return 0;
        };
    }

    private static RawClient.Behaviour liar() {
        return order -> RawMemory.getLong(order + Order.ADDRESS);
    }

    private static int openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.count();
        }
    }

    private static void awaitDescriptors(int count) throws Exception {
        while (openDescriptors() > count) {
            Thread.sleep(10);
        }
    }

    /** Milliseconds that something takes; it fails if that is a minute. */
    private static long millis(Callable<Object> action) throws Exception {
        FutureTask<Object> task = new FutureTask<>(action);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        long start = System.nanoTime();
        thread.start();
        task.get(60, TimeUnit.SECONDS);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** Somebody else is served. */
    private void assertServes() throws FsException {
        long ino = file("good" + System.nanoTime(), 1);
        try (RawClient good = mapped(ino, 1, null)) {
            assertEquals('p', RawMemory.getByte(good.arena));
            assertEquals(0, good.request(Request.SYNC, 1, 0, PAGE));
        }
    }

    // Descriptors.

    @Test
    void shouldRefuseDescriptorsOfAnotherKind() throws Exception {
        int before = openDescriptors();
        Path plain = Files.createFile(directory.resolve("memfd: (deleted)"));
        List<Integer> strange = new ArrayList<>();
        strange.add((int) LibC.INSTANCE.syscall(290, 0, 0, 0, 0, 0, 0)); // eventfd2
        strange.add((int) LibC.INSTANCE.syscall(LibC.SYS_PIDFD_OPEN, LibC.INSTANCE.getpid(), 0, 0, 0, 0, 0));
        strange.add(LibC.INSTANCE.open("/proc/self/maps", LibC.O_RDONLY, 0));
        strange.add(LibC.INSTANCE.open("/proc/self/mem", LibC.O_RDWR, 0));
        strange.add(LibC.INSTANCE.open("/dev/null", LibC.O_RDWR, 0));
        strange.add(LibC.INSTANCE.open(directory.toString(), LibC.O_RDONLY, 0));
        strange.add(LibC.INSTANCE.open(plain.toString(), LibC.O_RDWR, 0));
        strange.add(LibC.INSTANCE.socket(LibC.AF_UNIX, LibC.SOCK_STREAM, 0));
        strange.add(pool);
        try (RawClient client = new RawClient(socket)) {
            for (int place = 0; place < Passed.COUNT; place++) {
                for (int descriptor : strange) {
                    assertTrue(descriptor >= 0);
                    int[] passed = client.descriptors();
                    passed[place] = descriptor;
                    assertEquals(
                            EINVAL,
                            client.hello(LeaseProtocol.VERSION, client.arena, RawClient.ARENA_BYTES, passed),
                            descriptor + " in place of " + place);
                }
                int[] exchanged = client.descriptors();
                exchanged[place] = client.descriptors()[(place + 2) % Passed.COUNT];
                assertEquals(
                        EINVAL, client.hello(LeaseProtocol.VERSION, client.arena, RawClient.ARENA_BYTES, exchanged));
            }
            assertEquals(EINVAL, client.hello(LeaseProtocol.VERSION, client.arena, RawClient.ARENA_BYTES));
            assertEquals(
                    0,
                    client.hello(LeaseProtocol.VERSION, client.arena, RawClient.ARENA_BYTES, client.descriptors()),
                    "and then as it ought to be");
            assertEquals(1, client.descriptorsReceived, "the map socket alone, never the pool");
        }
        strange.remove(Integer.valueOf(pool));
        strange.forEach(LibC.INSTANCE::close);
        awaitDescriptors(before);
        assertServes();
    }

    @Test
    void shouldCloseDescriptorsThatNobodyAskedFor() throws Exception {
        int before = openDescriptors();
        Random random = new Random(5);
        try (RawClient client = new RawClient(socket)) {
            int[] flood = new int[Descriptors.MOST];
            java.util.Arrays.fill(flood, client.memfd);
            for (int i = 0; i < 2000; i++) {
                RawMemory.fill(client.message(), 4096, (byte) random.nextInt(4));
                client.exchange(1 + random.nextInt(4096), flood);
                if (client.errno == RawClient.NO_REPLY) {
                    break;
                }
            }
            for (int type = -1; type < 20; type++) {
                client.request(type, flood, random.nextLong());
            }
        }
        awaitDescriptors(before);
        assertServes();
    }

    /** With a blocking descriptor a read of the server's waits for a fault that never comes. */
    @Test
    void shouldLetGoOfABlockingDescriptor() throws Exception {
        int before = openDescriptors();
        for (int i = 0; i < 3; i++) {
            RawClient client = new RawClient(socket).hello(liar());
            RawClient.makeBlocking(client.faults);
            client.close();
        }
        awaitDescriptors(before);
    }

    // Messages.

    @Test
    void shouldHangUpOnMessagesOfAnotherLength() throws Exception {
        for (int length : new int[] {0, 1, Request.SIZE - 1}) {
            try (RawClient client = new RawClient(socket)) {
                RawMemory.fill(client.message(), 4096, (byte) 0);
                assertEquals(RawClient.NO_REPLY, client.exchange(length));
            }
        }
        assertServes();
    }

    @Test
    void shouldServeNothingBeforeHelloAndHelloOnce() throws Exception {
        try (RawClient client = new RawClient(socket)) {
            for (int type = 2; type < 7; type++) {
                assertEquals(EINVAL, client.request(type, 1, 2, 3, 4, 5));
            }
            long bytes = RawClient.ARENA_BYTES;
            long[][] arenas = {
                {0, bytes},
                {-PAGE, bytes},
                {client.arena, 0},
                {client.arena, -PAGE},
                {client.arena, Long.MAX_VALUE & -PAGE},
                {client.arena, Long.MIN_VALUE},
                {client.arena + 1, bytes},
                {client.arena, bytes - 1}
            };
            for (long[] arena : arenas) {
                assertEquals(EINVAL, client.hello(LeaseProtocol.VERSION, arena[0], arena[1], client.descriptors()));
            }
            int protocol = Errno.EPROTO.number();
            assertEquals(protocol, client.hello(Long.MAX_VALUE, client.arena, bytes, client.descriptors()));
            client.hello(liar());
            assertEquals(
                    EINVAL, client.hello(LeaseProtocol.VERSION, client.arena, bytes, client.descriptors()), "twice");
        }
    }

    @Test
    void shouldRefuseAbsurdRanges() throws Exception {
        long ino = file("file", 4);
        try (RawClient client = new RawClient(socket)) {
            client.hello(RawClient.honest(client, pool));
            long lease = lease(client, ino);
            long at = client.arena;
            long[][] absurd = {
                {-PAGE, PAGE, at},
                {Long.MIN_VALUE, PAGE, at},
                {0, 0, at},
                {0, -PAGE, at},
                {0, Long.MAX_VALUE & -PAGE, at},
                {Long.MAX_VALUE & -PAGE, PAGE, at},
                {0, RawClient.ARENA_BYTES + PAGE, at},
                {0, PAGE, at - PAGE},
                {0, PAGE, at + RawClient.ARENA_BYTES},
                {0, 2 * PAGE, at + RawClient.ARENA_BYTES - PAGE},
                {0, PAGE, 0},
                {0, PAGE, Long.MIN_VALUE},
                {1, PAGE, at},
                {0, PAGE + 1, at},
                {0, PAGE, at + 1}
            };
            for (long[] range : absurd) {
                assertEquals(
                        EINVAL,
                        client.request(Request.MAP, lease, range[0], range[1], range[2], 1),
                        java.util.Arrays.toString(range));
            }
            assertEquals(0, client.request(Request.MAP, lease, 0, 4 * PAGE, at + 4 * PAGE, 1));
            for (int start = 1; start < 8; start++) {
                assertEquals(
                        EINVAL,
                        client.request(Request.MAP, lease, 0, 4 * PAGE, at + (long) start * PAGE, 1),
                        "over another, by " + start);
            }
            assertEquals(EINVAL, client.request(Request.UNMAP, lease, at + 5 * PAGE));
            assertEquals(Errno.EBADF.number(), client.request(Request.UNMAP, lease + 1, at + 4 * PAGE));
            assertEquals(EINVAL, client.request(Request.SYNC, lease, -1, PAGE));
            assertEquals(EINVAL, client.request(Request.SYNC, lease, 1, Long.MAX_VALUE));
            assertEquals(Errno.EBUSY.number(), client.request(Request.CLOSE, lease));
            assertEquals(0, client.request(Request.UNMAP, lease, at + 4 * PAGE));
            assertEquals(0, client.request(Request.CLOSE, lease));
        }
    }

    /** Requests of any type with any fields: each is answered, and the server serves others. */
    @Test
    void shouldAnswerRandomRequests() throws Exception {
        long ino = file("file", 16);
        int rounds = System.getProperty("radax.check", "").equals("nightly") ? 200_000 : 3_000;
        long seed = 20261121;
        Random random = new Random(seed);
        try (RawClient client = new RawClient(socket)) {
            client.hello(order -> random.nextInt(50) == 0 ? -12 : liar().carryOut(order));
            long lease = lease(client, ino);
            for (int i = 0; i < rounds; i++) {
                long[] arguments = new long[Request.ARGUMENT_COUNT];
                for (int j = 0; j < arguments.length; j++) {
                    arguments[j] = switch (random.nextInt(6)) {
                        case 0 -> lease;
                        case 1 -> (long) random.nextInt(32) * PAGE;
                        case 2 -> client.arena + (long) random.nextInt(64) * PAGE;
                        case 3 -> random.nextLong();
                        case 4 -> random.nextInt(3);
                        default -> 1L << random.nextInt(64);
                    };
                }
                if (random.nextInt(3) != 0) {
                    arguments[0] = lease;
                }
                int type = 2 + random.nextInt(6);
                int errno = client.request(type == Request.CLOSE ? Request.MAP : type, arguments);
                assertTrue(errno >= 0 && errno < 200, "seed " + seed + ", request " + i + ": " + errno);
            }
        }
        assertServes();
    }

    // Tokens.

    @Test
    void shouldTakeATokenOnceAndOnlyATrueOne() throws Exception {
        long ino = file("file", 1);
        try (RawClient first = new RawClient(socket).hello(liar());
                RawClient second = new RawClient(socket).hello(liar())) {
            long[] token = token(TestVolume.ROOT, ino, O_RDWR);
            assertEquals(EACCES, second.request(Request.OPEN, token[0], token[1] + 1));
            assertEquals(EACCES, second.request(Request.OPEN, token[1], token[0]));
            assertEquals(EACCES, second.request(Request.OPEN, 0, 0));
            assertEquals(0, first.request(Request.OPEN, token[0], token[1]));
            assertEquals(EACCES, second.request(Request.OPEN, token[0], token[1]));
            assertEquals(EACCES, first.request(Request.OPEN, token[0], token[1]));
        }
    }

    @Test
    void shouldGrantNoMoreThanTheFileWasOpenedFor() throws Exception {
        long ino = file("file", 1);
        FsException e = assertThrows(FsException.class, () -> token(TestVolume.ROOT, ino, O_WRONLY));
        assertEquals(Errno.EACCES, e.errno(), "mmap(2) has it so");
        long[] reading = token(TestVolume.ROOT, ino, 0);
        try (RawClient client = new RawClient(socket).hello(liar())) {
            assertEquals(0, client.request(Request.OPEN, reading[0], reading[1]));
            assertEquals(EACCES, client.request(Request.MAP, client.value, 0, PAGE, client.arena, 1));
        }
    }

    @Test
    void shouldKeepGrantsForOthersWhenOneUserAsksForThousands() throws Exception {
        long ino = file("file", 1);
        OpenFile open = test.volume.open(TestVolume.ROOT, ino, O_RDWR, false);
        long grant = RawMemory.allocate(Grant.SIZE);
        try {
            FsException e = assertThrows(FsException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    test.volume.grantLease(SOMEBODY, open, grant);
                }
            });
            assertEquals(Errno.EBUSY, e.errno());
            test.volume.grantLease(ANOTHER, open, grant);
        } finally {
            RawMemory.free(grant);
            test.volume.release(open);
        }
    }

    // Connections.

    /** Who shows no token in time is hung up on, whatever else he says; so strangers do not keep others out for long. */
    @Test
    void shouldNotKeepStrangers() throws Exception {
        List<RawClient> strangers = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < Allowance.MOST_CLIENTS + 20; i++) {
            RawClient stranger = new RawClient(socket);
            strangers.add(stranger);
            refused += stranger.request(Request.SYNC, 1) == RawClient.NO_REPLY ? 1 : 0;
        }
        assertEquals(20, refused);
        strangers.get(0).hello(liar());
        while (strangers.get(0).request(Request.OPEN, 1, 2) != RawClient.NO_REPLY) {
            Thread.sleep(100);
        }
        while (strangers.get(1).request(Request.SYNC, 1) != RawClient.NO_REPLY) {
            Thread.sleep(100);
        }
        strangers.forEach(RawClient::close);
        while (!server.clients().isEmpty()) {
            Thread.sleep(10);
        }
        assertServes();
    }

    /** One that never reads its replies holds up itself. */
    @Test
    void shouldServeOthersWhileOneReadsNoReplies() throws Exception {
        try (RawClient deaf = new RawClient(socket).hello(liar())) {
            lease(deaf, file("file", 1));
            UnixSockets.limit(deaf.socket, 100);
            RawMemory.fill(deaf.message(), 4096, (byte) 0);
            int sent = 0;
            while (LibC.INSTANCE.send(deaf.socket, deaf.message(), Request.SIZE, LibC.MSG_NOSIGNAL) > 0) {
                sent++;
            }
            assertTrue(sent > 1);
            assertServes();
        }
    }

    // Other users' time.

    /** However many do not answer: one user's clients together have the time that one of them has. */
    @Test
    void shouldTruncateUnderManyWhoDoNotAnswer() throws Exception {
        int limit = 5 * LIMIT_MILLIS;
        server.close();
        serve(limit);
        long ino = file("file", 8);
        int count = 32;
        List<RawClient> mutes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            mutes.add(mapped(ino, 8, mute()));
        }
        long took = millis(() -> {
            test.truncate(ino, 0);
            return null;
        });
        assertTrue(took < 2L * limit, took + " ms");
        assertTrue(server.clients().stream()
                .allMatch(client -> client.files().get(0).quarantined()));
        fill();
        for (RawClient mute : mutes) {
            assertEquals("page 0", text(mute.arena, 6), "nobody else's bytes");
        }
        mutes.forEach(RawClient::close);
    }

    /** Until there is no room. */
    private void fill() throws FsException {
        long ino = test.create(FileSystem.ROOT_INO, "filler");
        byte[] chunk = new byte[1 << 20];
        java.util.Arrays.fill(chunk, (byte) 'x');
        FsException full = assertThrows(FsException.class, () -> {
            for (long at = 0; ; at += chunk.length) {
                if (test.write(ino, at, chunk) < chunk.length) {
                    throw new FsException(Errno.ENOSPC, "fill", "short");
                }
            }
        });
        assertEquals(Errno.ENOSPC, full.errno());
    }

    private static String text(long address, int length) {
        byte[] bytes = new byte[length];
        RawMemory.copyOut(address, bytes, 0, length);
        return new String(bytes, UTF_8);
    }

    /** One that answers each time, but late, has no more time than one that does not. */
    @Test
    void shouldNotWaitForALateClientAgainAndAgain() throws Exception {
        long ino = file("file", 50);
        RawClient.Behaviour[] honest = new RawClient.Behaviour[1];
        RawClient late = mapped(ino, 50, order -> {
            Thread.sleep(LIMIT_MILLIS * 3 / 5);
            return honest[0].carryOut(order);
        });
        honest[0] = RawClient.honest(late, pool);
        long took = millis(() -> {
            for (int page = 49; page >= 0; page--) {
                test.truncate(ino, (long) page * PAGE);
            }
            return null;
        });
        assertTrue(took < 12 * LIMIT_MILLIS, took + " ms");
        late.close();
    }

    /** An honest one is asked again and again: what each answer takes does not add up. */
    @Test
    void shouldKeepAClientThatIsAskedForLong() throws Exception {
        long ino = file("file", 8);
        try (RawClient client = mapped(ino, 8, null)) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5 * LIMIT_MILLIS);
            while (System.nanoTime() < end) {
                test.stat(ino);
            }
            assertTrue(server.clients().stream()
                    .noneMatch(each -> each.files().get(0).quarantined()));
            test.truncate(ino, 4 * PAGE);
            assertEquals("page 0", text(client.arena, 6));
            assertTrue(server.clients().stream()
                    .noneMatch(each -> each.files().get(0).quarantined()));
        }
    }

    /** The memfd's lock in the kernel is held by a call of the client's for as long as it likes. */
    @Test
    void shouldNotWaitForALockOfTheClients() throws Exception {
        long ino = file("file", 8);
        try (RawClient client = mapped(ino, 8, null);
                StuckWrite stuck = StuckWrite.into(client.memfd)) {
            assertTrue(stuck.isStuck());
            long took = millis(() -> {
                test.truncate(ino, 0);
                test.stat(ino);
                test.write(ino, 0, new byte[] {1});
                return null;
            });
            assertTrue(took < 10 * LIMIT_MILLIS, took + " ms");
            assertServes();
        }
    }

    // Who can not map all.

    /** A file of which every other page has a block. */
    private long everyOther(String name, long first, int pages) throws FsException {
        long ino = test.create(FileSystem.ROOT_INO, name);
        test.truncate(ino, (first + pages) * PAGE);
        fillEveryOther(ino, first, pages);
        return ino;
    }

    private void fillEveryOther(long ino, long first, int pages) throws FsException {
        for (int page = 0; page < pages; page += 2) {
            test.write(ino, (first + page) * PAGE, ("page " + page).getBytes(UTF_8));
        }
        test.volume.sync(ino);
        assertEquals(Map.of(), test.volume.dirtyPages());
    }

    /** For clients that are honest: a busy machine is no reason to give them up. */
    private void servePatiently() throws Exception {
        server.close();
        serve(10 * LIMIT_MILLIS);
    }

    private void awaitNothingMapped() throws InterruptedException {
        while (server.clients().stream()
                .flatMap(client -> client.files().stream())
                .anyMatch(file -> file.regions() > 0)) {
            Thread.sleep(10);
        }
    }

    private LeasedFile leased() {
        return server.connected().get(0).leases().iterator().next();
    }

    private int records() {
        return server.connected().get(0).allowance().records();
    }

    /** Mappings of the pool that the client has, says the kernel. */
    private static long inSight(RawClient client) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith("/pool"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16))
                .filter(start -> start >= client.arena && start < client.arena + RawClient.ARENA_BYTES)
                .count();
    }

    /** Stores to each page of the pool that it maps, at once, and can not map the third. */
    private static RawClient.Behaviour failingOnce(RawClient.Behaviour[] honest) {
        int[] asked = {0};
        return order -> {
            boolean isPool = RawMemory.getLong(order + Order.SOURCE) != Order.FROM_MEMFD;
            if (isPool && ++asked[0] == 3) {
                return -Errno.ENOMEM.number();
            }
            long address = honest[0].carryOut(order);
            if (isPool) {
                RawMemory.putByte(address, (byte) 'S');
            }
            return address;
        };
    }

    /** As at vm.max_map_count: what it could map of a part goes away again, and what it stored there is told. */
    @Test
    void shouldTakeBackWhatWasMappedOfAPart() throws Exception {
        servePatiently();
        long ino = test.create(FileSystem.ROOT_INO, "file");
        test.truncate(ino, 16 * PAGE);
        RawClient.Behaviour[] honest = new RawClient.Behaviour[1];
        try (RawClient client = mapped(ino, 16, failingOnce(honest))) {
            honest[0] = RawClient.honest(client, pool);
            fillEveryOther(ino, 0, 16);
            int records = records();
            Region region = leased().regions().get(0);
            leased().serve(region, 0, false);
            assertEquals(0, inSight(client));
            assertEquals(records, records());
            assertEquals(
                    7,
                    test.volume.dirtyPages().getOrDefault(ino, List.of()).stream()
                            .mapToLong(PageRun::count)
                            .sum());
            leased().serve(region, 2, false);
            assertEquals(7, inSight(client), "the file is mapped still, but for the page that was refused");
            test.truncate(ino, 0);
            assertEquals(0, inSight(client));
            assertFalse(server.clients().get(0).files().get(0).quarantined());
        }
    }

    @Test
    void shouldLeaveNothingOfAMappingThatFailed() throws Exception {
        servePatiently();
        long ino = everyOther("file", 0, 16);
        RawClient.Behaviour[] honest = new RawClient.Behaviour[1];
        try (RawClient client = new RawClient(socket)) {
            honest[0] = RawClient.honest(client, pool);
            client.hello(failingOnce(honest));
            long lease = lease(client, ino);
            int records = records();
            assertEquals(Errno.ENOMEM.number(), client.request(Request.MAP, lease, 0, 16 * PAGE, client.arena, 1));
            assertEquals(0, inSight(client));
            assertEquals(records, records());
            assertEquals(0, client.request(Request.MAP, lease, 0, 16 * PAGE, client.arena, 1));
            assertEquals(8, inSight(client));
        }
    }

    /** What it was ordered to map it may have mapped. */
    @Test
    void shouldWithholdBlocksOfWhoFallsSilentAmongOrders() throws Exception {
        long ino = test.create(FileSystem.ROOT_INO, "file");
        test.truncate(ino, 16 * PAGE);
        int[] asked = {0};
        RawClient.Behaviour[] honest = new RawClient.Behaviour[1];
        RawClient client = mapped(ino, 16, order -> {
            honest[0].carryOut(order);
            if (RawMemory.getLong(order + Order.SOURCE) != Order.FROM_MEMFD && ++asked[0] == 3) {
                TimeUnit.DAYS.sleep(1);
            }
            return 0;
        });
        honest[0] = RawClient.honest(client, pool);
        fillEveryOther(ino, 0, 16);
        leased().serve(leased().regions().get(0), 0, false);
        test.truncate(ino, 0);
        assertTrue(server.clients().get(0).files().get(0).quarantined());
        fill();
        for (int page = 0; page < 6; page += 2) {
            assertEquals("page " + page, text(client.arena + (long) page * PAGE, 6), "nobody else's bytes");
        }
        client.close();
    }

    // Stores that are not lost.

    /** Whatever fails while stores are told, who asks next hears of them. */
    @Test
    void shouldTellAgainWhatCouldNotBeNoted() throws Exception {
        servePatiently();
        long ino = file("file", 8);
        try (RawClient client = mapped(ino, 8, null)) {
            for (int page = 0; page < 8; page += 2) {
                RawMemory.putByte(client.arena + (long) page * PAGE, (byte) 'S');
            }
            List<Long> told = new ArrayList<>();
            assertThrows(
                    OutOfMemoryError.class,
                    () -> leased().harvest(0, 8, (start, end) -> {
                        if (start > 0) {
                            throw new OutOfMemoryError("a test");
                        }
                        told.add(start);
                    }));
            leased().harvest(0, 8, (start, end) -> told.add(start));
            assertEquals(List.of(0L, 2L, 4L, 6L), told);
        }
    }

    /** A bad extent is no reason to forget what the process may have stored elsewhere. */
    @Test
    void shouldWriteBackWhatWhoIsGoneMayHaveStoredBeyondDamage() throws Exception {
        servePatiently();
        long boundary = (64 << 20) / PAGE;
        long ino = everyOther("file", boundary - 32, 64);
        RawClient client = mapped(ino, boundary - 32, 64, mute());
        damageExtent(ino, boundary - 16);
        long before = test.volume.writebackStatistics().pagesWritten();
        client.close();
        awaitNothingMapped();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (test.volume.writebackStatistics().pagesWritten() < before + 16 && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertEquals(16, test.volume.writebackStatistics().pagesWritten() - before);
    }

    /** A store just before the page goes out of sight: the punch fails, the file keeps the page, and it is dirty. */
    @Test
    void shouldTellStoresRightBeforeAChangeThatFails() throws Exception {
        servePatiently();
        long ino = everyOther("file", 0, 64);
        RawClient.Behaviour[] honest = new RawClient.Behaviour[1];
        try (RawClient client = mapped(ino, 16, order -> {
            RawMemory.putByte(RawMemory.getLong(order + Order.ADDRESS), (byte) 'S');
            return honest[0].carryOut(order);
        })) {
            honest[0] = RawClient.honest(client, pool);
            damageExtent(ino, 32);
            int punch = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;
            FsException e = assertThrows(FsException.class, () -> test.fallocate(ino, punch, 0, 64 * PAGE));
            assertEquals(Errno.EUCLEAN, e.errno());
            assertEquals(
                    8,
                    test.volume.dirtyPages().getOrDefault(ino, List.of()).stream()
                            .mapToLong(PageRun::count)
                            .sum());
        }
    }

    /** What can not be told is the unmapping's error; the region is gone all the same, and its addresses are free. */
    @Test
    void shouldFreeTheAddressesOfARegionWhoseStoresCanNotBeTold() throws Exception {
        servePatiently();
        long ino = everyOther("file", 0, 16);
        try (RawClient client = mapped(ino, 16, null)) {
            RawMemory.putByte(client.arena + 4 * PAGE, (byte) 'S');
            damageExtent(ino, 4);
            assertEquals(Errno.EUCLEAN.number(), client.request(Request.UNMAP, 1, client.arena));
            assertEquals(0, inSight(client));
            assertEquals(0, client.request(Request.MAP, lease(client, file("other", 1)), 0, PAGE, client.arena, 1));
        }
    }

    private void damageExtent(long ino, long page) {
        long all = LibC.INSTANCE.mmap(0, POOL_BYTES, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, pool, 0);
        boolean found = false;
        for (long node = all; node < all + POOL_BYTES; node += PAGE) {
            boolean isLeaf = RawMemory.getInt(node + TreeLayout.MAGIC) == TreeLayout.MAGIC_VALUE
                    && RawMemory.getLong(node + TreeLayout.OWNER) == ino
                    && RawMemory.getInt(node + TreeLayout.LEVEL) == 0;
            for (int i = 0; isLeaf && i < RawMemory.getInt(node + TreeLayout.COUNT); i++) {
                long entry = node + TreeLayout.RECORDS + (long) i * TreeLayout.RECORD_BYTES;
                if (RawMemory.getLong(entry) == page) {
                    RawMemory.putLong(entry + Long.BYTES, 0);
                    found = true;
                }
            }
        }
        LibC.INSTANCE.munmap(all, POOL_BYTES);
        assertTrue(found);
    }

    /** Its stores would be held up for good: it loses what it has, and the next one is thawed. */
    @Test
    void shouldGiveUpWhoCanNotBeThawed() throws Exception {
        servePatiently();
        long ino = file("file", 8);
        RawClient stubborn = mapped(ino, 8, null);
        RawClient good = mapped(ino, 8, null);
        test.volume.freeze();
        int readable = LibC.INSTANCE.open(directory.resolve("pool").toString(), LibC.O_RDONLY, 0);
        LibC.INSTANCE.mmap(stubborn.arena, 8 * PAGE, LibC.PROT_READ, LibC.MAP_SHARED | LibC.MAP_FIXED, readable, 0);
        LibC.INSTANCE.close(readable);
        test.volume.thaw();
        assertTrue(Polling.isReadable(stubborn.mapSocket(), 1000), "hung up on");
        stubborn.close();
        assertFalse(Polling.isReadable(good.mapSocket(), 0));
        test.volume.sync(ino);
        RawMemory.putByte(good.arena, (byte) 'S');
        assertEquals(1, test.volume.dirtyPages().get(ino).get(0).count());
        good.close();
    }

    // What a liar has.

    /**
     * One that says that it has let go of a page, and has it still where the server was told it is, is found out: the
     * address can not be registered as a hole.
     */
    @Test
    void shouldFindOutWhoHasNotLetGo() throws Exception {
        long ino = file("file", 8);
        RawClient client = mapped(ino, 8, liar());
        test.truncate(ino, 0);
        assertTrue(server.clients().get(0).files().get(0).quarantined());
        fill();
        assertEquals("page 0", text(client.arena, 6), "nobody else's bytes");
        client.close();
    }

    /** Nor does one that hangs up have less than it had. */
    @Test
    void shouldFindOutWhoHasNotLetGoWhenItHangsUp() throws Exception {
        servePatiently();
        long ino = file("file", 8);
        RawClient client = mapped(ino, 8, liar());
        LibC.INSTANCE.shutdown(client.socket, LibC.SHUT_RDWR);
        awaitNothingMapped();
        test.truncate(ino, 0);
        fill();
        assertEquals("page 0", text(client.arena, 6), "nobody else's bytes");
        client.close();
    }

    /** The boundary of trust: who may open the pool may map all of it, anywhere, and the server takes none of that away. */
    @Test
    void shouldFreeBlocksThatSomebodyHasMappedOnHisOwn() throws Exception {
        long ino = file("file", 8);
        RawClient client = mapped(ino, 8, null);
        long all = LibC.INSTANCE.mmap(0, POOL_BYTES, LibC.PROT_READ, LibC.MAP_SHARED, pool, 0);
        long block = all;
        while (!text(block, 14).equals("page 0 of file")) {
            block += PAGE;
        }
        test.truncate(ino, 0);
        assertFalse(server.clients().get(0).files().get(0).quarantined());
        fill();
        assertEquals("xxxxxx", text(block, 6), "another file's bytes");
        LibC.INSTANCE.munmap(all, POOL_BYTES);
        client.close();
    }

    /** A client whose mmap fails is not told to have let go. */
    @Test
    void shouldWithholdBlocksOfWhoCanNotLetGo() throws Exception {
        long ino = file("file", 8);
        CountDownLatch asked = new CountDownLatch(1);
        RawClient client = mapped(ino, 8, order -> {
            asked.countDown();
            return -Errno.ENOMEM.number();
        });
        test.truncate(ino, 0);
        asked.await();
        assertTrue(server.clients().get(0).files().get(0).quarantined());
        fill();
        assertEquals("page 0", text(client.arena, 6), "nobody else's bytes");
        client.close();
    }

    /** A client that cuts its memfd short, seals it or closes everything under the server's hands harms itself. */
    @Test
    void shouldOutliveAMemfdThatGoes() throws Exception {
        long ino = file("file", 8);
        try (RawClient client = mapped(ino, 64, null)) {
            LibC.INSTANCE.ftruncate(client.memfd, 0);
            test.write(ino, 20 * PAGE, new byte[] {1});
            test.truncate(ino, PAGE);
            LibC.INSTANCE.ftruncate(client.memfd, RawClient.ARENA_BYTES);
        }
        assertServes();
    }
}
