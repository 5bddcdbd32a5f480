package org.radax.fuse.lease;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.lease.LeaseProtocol;
import org.radax.core.lease.LeaseProtocol.Passed;
import org.radax.core.lease.LeaseProtocol.Reply;
import org.radax.core.lease.LeaseProtocol.Request;
import org.radax.core.os.Descriptors;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.Scarcity;
import org.radax.core.os.UnixSockets;
import org.radax.core.os.UnixSockets.Peer;
import org.radax.core.os.UserFaults;
import org.radax.core.unit.Units;
import org.radax.core.volume.DirectAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that maps files: its requests, served one after another by one thread, and its faults by another. Neither
 * trusts it: it has access to no more than its grants and its own credentials give it.
 */
final class ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final int MOST_LEASES = 4096;
    private static final int MOST_REGIONS = 16384;
    private static final int DEATH_MILLIS = 100;
    /** Of the time a client has for an operation: as long as a token is good. */
    private static final int PROOF_LIMITS = 5;

    private static final int MESSAGES = 16;
    private static final long MOST_ARENA_BYTES = 1L << 46;
    private static final int NO_PROCESS = -1;
    private static final int PROC_MAGIC = 0x9fa0;
    private static final int TMPFS_MAGIC = 0x01021994;
    private static final int STATFS_SIZE = 256;

    private final int socket;
    private final Peer peer;
    private final Allowance allowance;
    private final LeaseServer server;
    private final Map<Long, LeasedFile> leases = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Region> regions = new ConcurrentSkipListMap<>();
    private final long connectedNanos = System.nanoTime();
    private boolean isProven;
    private long nextLease = 1;
    private volatile Arena arena;
    private Thread faultThread;

    ClientConnection(int socket, Peer peer, Allowance allowance, LeaseServer server) {
        this.socket = socket;
        this.peer = peer;
        this.allowance = allowance;
        this.server = server;
    }

    Peer peer() {
        return peer;
    }

    Collection<LeasedFile> leases() {
        return leases.values();
    }

    /**
     * Holds up all stores of the process.
     *
     * @throws FsException EBUSY if that can not be done: to be {@linkplain #thaw thawed} then
     */
    void freeze() throws FsException {
        for (LeasedFile file : leases.values()) {
            // One that is about to end is given the time.
            if (arena.awaitEnd(file.isAbandoned() ? (int) server.limitMillis() : 0)) {
                return;
            }
            try {
                file.freeze();
            } catch (FsException e) {
                throw new FsException(
                        Errno.EBUSY,
                        "freeze",
                        "process " + peer.pid() + " of user " + peer.uid() + " does not acknowledge it: "
                                + e.getMessage());
            }
        }
    }

    void thaw() {
        Arena memory = arena;
        if (memory == null || memory.isGone()) {
            return;
        }
        try {
            for (LeasedFile file : leases.values()) {
                if (!attempt(file::thaw)) {
                    // Its stores would wait for ever.
                    memory.give();
                }
            }
        } finally {
            memory.wakeAll();
        }
    }

    /** False if it failed: that is one file's matter, or one fault's, and keeps nothing else from being done. */
    private boolean attempt(DirectAccess.Action action) {
        try {
            action.run();
            return true;
        } catch (FsException e) {
            arena.complain("process " + peer.pid() + ": " + e.getMessage());
        } catch (RuntimeException | Error e) {
            Scarcity.survive(LOG, "a client", () -> LOG.error("process {}", peer.pid(), e));
        }
        return false;
    }

    Allowance allowance() {
        return allowance;
    }

    /** Serves until the client hangs up or ends; then sees to what it leaves behind. */
    void run() {
        long request = RawMemory.allocate(Request.SIZE);
        long reply = RawMemory.allocate(Reply.SIZE);
        try {
            int[] passed = new int[Passed.COUNT];
            while (isWelcome()) {
                long received = Descriptors.receive(socket, request, Request.SIZE, passed);
                if (received != Request.SIZE) {
                    closeAll(passed);
                    break;
                }
                if (!answer(request, reply, passed)) {
                    break;
                }
            }
        } finally {
            RawMemory.free(request);
            RawMemory.free(reply);
            end();
        }
    }

    /** Anybody may connect; who has shown no token in time makes room for others. Waits for a request until then. */
    private boolean isWelcome() {
        if (isProven) {
            return true;
        }
        long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - connectedNanos);
        long left = PROOF_LIMITS * server.limitMillis() - passed;
        return left > 0 && Polling.isReadable(socket, (int) left);
    }

    /** Ends {@link #run}, from another thread. */
    void hangUp() {
        LibC.INSTANCE.shutdown(socket, LibC.SHUT_RDWR);
    }

    /** False if the reply can not be sent. */
    private boolean answer(long request, long reply, int[] passed) {
        RawMemory.fill(reply, Reply.SIZE, (byte) 0);
        RawMemory.putInt(reply + Reply.SEQUENCE, RawMemory.getInt(request + Request.SEQUENCE));
        try {
            int type = RawMemory.getInt(request + Request.TYPE);
            if (type == Request.HELLO) {
                int theirs = hello(request, passed);
                boolean sent = Descriptors.send(socket, reply, Reply.SIZE, theirs) == Reply.SIZE;
                LibC.INSTANCE.close(theirs);
                return sent;
            }
            RawMemory.putLong(reply + Reply.VALUE, serve(type, request));
        } catch (FsException e) {
            refuse(reply, e.errno(), e.getMessage());
        } catch (InternalError e) {
            refuse(reply, Errno.EIO, "a page of the pool is bad: " + e.getMessage());
        } catch (OutOfMemoryError e) {
            refuse(reply, Errno.ENOMEM, "the server is out of memory");
        } catch (RuntimeException e) {
            LOG.error("process {}: a request failed", peer.pid(), e);
            refuse(reply, Errno.EIO, "internal error, see the log: " + e);
        } finally {
            closeAll(passed);
        }
        return LibC.INSTANCE.send(socket, reply, Reply.SIZE, LibC.MSG_NOSIGNAL) == Reply.SIZE;
    }

    private static void refuse(long reply, Errno errno, String message) {
        RawMemory.putInt(reply + Reply.ERRNO, errno.number());
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        RawMemory.copyIn(text, 0, reply + Reply.MESSAGE, Math.min(text.length, Reply.SIZE - Reply.MESSAGE - 1));
    }

    private static void closeAll(int[] descriptors) {
        for (int descriptor : descriptors) {
            if (descriptor >= 0) {
                LibC.INSTANCE.close(descriptor);
            }
        }
        Arrays.fill(descriptors, -1);
    }

    private static long argument(long request, int number) {
        return RawMemory.getLong(request + Request.ARGUMENTS + (long) number * Long.BYTES);
    }

    // Hello.

    /** Returns the client's end of the map socket; descriptors that are kept are passed no more. */
    private int hello(long request, int[] passed) throws FsException {
        long base = argument(request, 1);
        long length = argument(request, 2);
        if (arena != null) {
            throw invalid("hello was said before");
        }
        if (argument(request, 0) != LeaseProtocol.VERSION) {
            throw new FsException(
                    Errno.EPROTO,
                    "hello",
                    "the client speaks version " + argument(request, 0) + " of the protocol, this server "
                            + LeaseProtocol.VERSION + "; use the same release of both");
        }
        if (base <= 0 || length <= 0 || length > MOST_ARENA_BYTES || ((base | length) & (Units.BLOCK_BYTES - 1)) != 0) {
            throw invalid("an arena of " + length + " bytes");
        }
        requireKinds(passed);
        int process = peer.pid() > 0
                ? (int) LibC.INSTANCE.syscall(LibC.SYS_PIDFD_OPEN, peer.pid(), 0, 0, 0, 0, 0)
                : NO_PROCESS;
        if (process < 0) {
            throw new FsException(
                    Errno.EOPNOTSUPP, "hello", "the server can not see the client's process: another PID namespace");
        }
        int[] ends = UnixSockets.pair();
        if (ends == null) {
            LibC.INSTANCE.close(process);
            throw new FsException(Errno.EMFILE, "hello", "no socket: " + LibC.lastError());
        }
        boolean done = false;
        try {
            start(base, length, passed, ends[0], process);
            done = true;
        } finally {
            if (!done) {
                LibC.INSTANCE.close(ends[1]);
            }
        }
        return ends[1];
    }

    /** Makes the arena and its threads; without memory for them all is closed. */
    private void start(long base, long length, int[] passed, int mapSocket, int process) {
        Arena made = null;
        boolean done = false;
        try {
            made = new Arena(base, length, passed.clone(), mapSocket, process, server.limitMillis(), allowance);
            Arrays.fill(passed, -1);
            Arena memory = made;
            faultThread = new Thread(() -> serveFaults(memory), "radax-faults-" + peer.pid());
            faultThread.setDaemon(true);
            faultThread.start();
            arena = made;
            done = true;
        } finally {
            if (!done && made != null) {
                made.close();
            } else if (!done) {
                LibC.INSTANCE.close(mapSocket);
                LibC.INSTANCE.close(process);
            }
        }
    }

    /** What is done with these descriptors is done with the server's rights: they must be what they ought to be. */
    private static void requireKinds(int[] passed) throws FsException {
        requireKind(passed[Passed.PAGEMAP], "/proc/", "/pagemap");
        requireFilesystem(passed[Passed.PAGEMAP], PROC_MAGIC, "/proc");
        requireKind(passed[Passed.TRACKING], "anon_inode:[userfaultfd]", "");
        requireKind(passed[Passed.FAULTS], "anon_inode:[userfaultfd]", "");
        requireKind(passed[Passed.MEMFD], "/memfd:", " (deleted)");
        requireFilesystem(passed[Passed.MEMFD], TMPFS_MAGIC, "tmpfs");
    }

    /** A name says little: in a mount namespace of his own anybody can have any. */
    private static void requireFilesystem(int descriptor, int magic, String name) throws FsException {
        long statfs = RawMemory.allocate(STATFS_SIZE);
        try {
            if (LibC.INSTANCE.fstatfs(descriptor, statfs) != 0 || RawMemory.getLong(statfs) != magic) {
                throw invalid("a descriptor is not of " + name);
            }
        } finally {
            RawMemory.free(statfs);
        }
    }

    private static void requireKind(int descriptor, String start, String end) throws FsException {
        try {
            String kind = descriptor < 0
                    ? "none"
                    : Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                            .toString();
            if (!kind.startsWith(start) || !kind.endsWith(end)) {
                throw invalid("a descriptor is " + kind + " where " + start + "…" + end + " was expected");
            }
        } catch (IOException e) {
            throw new FsException(Errno.EIO, "hello", "looking at a descriptor: " + e.getMessage());
        }
    }

    // Requests.

    private long serve(int type, long request) throws FsException {
        if (arena == null) {
            throw invalid("the first request is hello");
        }
        if (type == Request.OPEN) {
            return open(new Grants.Token(argument(request, 0), argument(request, 1)));
        }
        LeasedFile file = leases.get(argument(request, 0));
        if (file == null) {
            throw new FsException(Errno.EBADF, "lease", "there is no lease " + argument(request, 0));
        }
        switch (type) {
            case Request.CLOSE -> close(argument(request, 0), file);
            case Request.MAP -> change(() -> map(file, request));
            case Request.UNMAP -> change(() -> unmap(file, argument(request, 1)));
            case Request.SYNC -> sync(file, argument(request, 1), argument(request, 2));
            default -> throw invalid("a request of type " + type);
        }
        return 0;
    }

    private long open(Grants.Token token) throws FsException {
        if (leases.size() >= MOST_LEASES) {
            throw new FsException(Errno.EMFILE, "lease", MOST_LEASES + " files are mapped by this process");
        }
        Grants.Grant grant = server.redeem(token);
        isProven = true;
        LeasedFile file = new LeasedFile(server.direct(), arena, allowance, grant.ino(), grant.writable());
        allowance.take(1);
        boolean isAttached = false;
        try {
            server.direct().attach(grant.ino(), grant.generation(), file);
            isAttached = true;
        } finally {
            if (!isAttached) {
                allowance.adjust(-1);
            }
        }
        server.announce(grant.ino());
        long number = nextLease++;
        leases.put(number, file);
        return number;
    }

    private void close(long number, LeasedFile file) throws FsException {
        if (file.isMapping()) {
            throw new FsException(Errno.EBUSY, "close", "regions are mapped");
        }
        leases.remove(number);
        allowance.adjust(-1);
        server.direct().detach(file.ino(), file);
    }

    /** What a process has mapped does not change while the volume is frozen. */
    private void change(DirectAccess.Action action) throws FsException {
        server.direct().awaitChange();
        try {
            action.run();
        } finally {
            server.direct().endChange();
        }
    }

    private void map(LeasedFile file, long request) throws FsException {
        long offset = argument(request, 1);
        long length = argument(request, 2);
        long address = argument(request, 3);
        boolean isAligned = ((offset | length | address) & (Units.BLOCK_BYTES - 1)) == 0;
        if (!isAligned || offset < 0 || !arena.contains(address, length) || offset > Units.MAX_FILE_BYTES - length) {
            throw invalid("a mapping of " + length + " bytes from " + offset);
        }
        if (regions.size() >= MOST_REGIONS) {
            throw new FsException(Errno.ENOMEM, "map", MOST_REGIONS + " regions are mapped by this process");
        }
        Region before = at(address + length - 1);
        if (before != null && before.address + before.lengthBytes() > address) {
            throw invalid("a mapping over another");
        }
        long first = Units.blockOf(offset);
        Region region = file.map(address, first, first + Units.blockOf(length), argument(request, 4) != 0);
        regions.put(address, region);
    }

    private void unmap(LeasedFile file, long address) throws FsException {
        Region region = regions.get(address);
        if (region == null || region.file != file) {
            throw invalid("nothing of this file is mapped there");
        }
        try {
            file.unmap(region);
        } finally {
            // Taken away although what was stored there could not be told: the addresses are free.
            if (!file.has(region)) {
                regions.remove(address);
            }
        }
    }

    private void sync(LeasedFile file, long offset, long length) throws FsException {
        if (offset < 0 || length < 0 || offset > Units.MAX_FILE_BYTES - length) {
            throw invalid("a range of " + length + " bytes from " + offset);
        }
        if (file.hasRefused(Units.blockOf(offset), Units.blocksFor(offset + length))) {
            change(() -> file.forgive(Units.blockOf(offset), Units.blocksFor(offset + length)));
        }
        file.sync(offset, offset + length);
    }

    private static FsException invalid(String what) {
        return new FsException(Errno.EINVAL, "lease", what);
    }

    // Faults.

    /** The region that begins at an address or before, or null. */
    private Region at(long address) {
        Map.Entry<Long, Region> entry = regions.floorEntry(address);
        return entry == null ? null : entry.getValue();
    }

    private void serveFaults(Arena memory) {
        long messages = RawMemory.allocate((long) MESSAGES * UserFaults.MESSAGE_SIZE);
        try {
            // Not when the client has made it a blocking one: reading that could take for ever.
            while (memory.awaitFault()) {
                long read = LibC.INSTANCE.read(
                        memory.faultDescriptor(), messages, (long) MESSAGES * UserFaults.MESSAGE_SIZE);
                if (read < 0 && LibC.errno() != Errno.EAGAIN.number() && LibC.errno() != Errno.EINTR.number()) {
                    return;
                }
                for (long at = 0; at + UserFaults.MESSAGE_SIZE <= read; at += UserFaults.MESSAGE_SIZE) {
                    if (UserFaults.isFault(messages + at)) {
                        long address = UserFaults.address(messages + at);
                        boolean store = UserFaults.isStore(messages + at);
                        attempt(() -> serveFault(memory, address, store));
                    }
                }
            }
        } finally {
            RawMemory.free(messages);
        }
    }

    private void serveFault(Arena memory, long address, boolean store) {
        Region region = at(address);
        if (region == null || address >= region.address + region.lengthBytes()) {
            // Mapped no more: as after munmap(2).
            memory.poison(Units.alignDown(address, Units.BLOCK_BYTES), true);
            memory.wake(Units.alignDown(address, Units.BLOCK_BYTES), Units.BLOCK_BYTES);
            return;
        }
        region.file.serve(region, region.pageAt(address), store);
    }

    // The end.

    private void end() {
        try {
            if (arena != null) {
                end(arena);
            }
        } finally {
            // What a client holds up of its end counts until then. Nobody hangs up after it: the socket's number goes
            // to another.
            server.forget(this);
            LibC.INSTANCE.close(socket);
        }
    }

    private void end(Arena memory) {
        try {
            boolean isAlive = letGo(memory);
            if (!isAlive) {
                awaitDeath(memory);
            }
            bury();
        } finally {
            memory.give();
            endFaults();
            memory.close();
        }
    }

    /** Whether the process lives on with nothing mapped. While the volume is frozen it keeps what it has. */
    private boolean letGo(Arena memory) {
        boolean[] isAlive = {false};
        try {
            change(() -> {
                // One that was killed hangs up a moment before it has ended.
                isAlive[0] = !memory.awaitEnd(DEATH_MILLIS) && takeBack();
                memory.give();
                leases.values().forEach(file -> attempt(file::abandon));
            });
        } catch (FsException e) {
            throw new IllegalStateException("nobody cancels this wait", e);
        }
        return isAlive[0];
    }

    /** It has been given up. Its descriptor must not be closed under it. */
    private void endFaults() {
        boolean ended = false;
        while (!ended) {
            try {
                faultThread.join();
                ended = true;
            } catch (InterruptedException e) {
                LOG.debug("the end of the faults' thread is awaited", e);
            }
        }
    }

    /** Hung up, but alive: what it has mapped is asked for and taken away. False if it does not let go. */
    private boolean takeBack() {
        boolean isBack = true;
        for (Region region : regions.values()) {
            isBack &= attempt(() -> region.file.unmap(region));
        }
        return isBack && !arena.isGone();
    }

    private void awaitDeath(Arena memory) {
        while (!memory.awaitEnd(-1)) {
            LOG.debug("process {} is awaited", peer.pid());
        }
    }

    private void bury() {
        leases.values().forEach(file -> attempt(file::bury));
        allowance.adjust(-leases.size());
        leases.clear();
    }
}
