package org.radax.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.ReadSink;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Notice;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.OpenFlags;
import org.radax.fuse.wire.RecordingPort;

final class DispatcherTest {
    private static final int BODY = 16;
    private static final int ENTRY = 128;

    /** What the next call is to throw, in place of an answer. */
    private Throwable accident;

    private final MemoryFileSystem fs = new MemoryFileSystem() {
        @Override
        public synchronized void getattr(long ino, Attributes out) throws FsException {
            DispatcherTest.<RuntimeException>throwIfSet(accident);
            super.getattr(ino, out);
        }

        @Override
        public void read(OpenFile file, long fileOffset, long lengthBytes, ReadSink sink) throws FsException {
            super.read(file, fileOffset, lengthBytes, sink);
            DispatcherTest.<RuntimeException>throwIfSet(accident);
        }
    };

    private final RecordingNotices notices = new RecordingNotices();
    private final RecordingPort port = new RecordingPort();
    private final Shared shared = new Shared(fs, DispatchPolicy.caching(), notices);
    private final Dispatcher dispatcher = new Dispatcher(shared, port);
    private long unique = 1;

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwIfSet(Throwable accident) throws T {
        if (accident != null) {
            throw (T) accident;
        }
    }

    @AfterEach
    void free() {
        dispatcher.close();
    }

    private ByteBuffer ask(Message message) {
        port.clear();
        byte[] bytes = message.toBytes();
        unique += 2;
        dispatcher.dispatch(Message.lay(bytes, unique), bytes.length);
        ByteBuffer reply = port.only();
        assertEquals(unique, reply.getLong(8));
        return reply;
    }

    private ByteBuffer askOk(Message message) {
        ByteBuffer reply = ask(message);
        assertEquals(0, port.error());
        return reply;
    }

    private int errorOf(Message message) {
        ByteBuffer reply = ask(message);
        assertEquals(BODY, reply.capacity(), "an error has no body");
        return port.error();
    }

    private void askWithoutReply(Message message) {
        port.clear();
        byte[] bytes = message.toBytes();
        unique += 2;
        dispatcher.dispatch(Message.lay(bytes, unique), bytes.length);
        assertEquals(0, port.count());
    }

    private static Message getattr(long ino) {
        return new Message(Opcode.GETATTR, ino).u64(0).u64(0);
    }

    private static Message handleAnd(int opcode, long ino, long handle) {
        return new Message(opcode, ino).u64(handle);
    }

    private record Opened(long ino, long handle) {}

    private Opened create(String name) {
        ByteBuffer reply = askOk(new Message(Opcode.CREATE, 1)
                .u32(2)
                .u32(0100666)
                .u32(022)
                .u32(0)
                .name(name));
        assertEquals(BODY + ENTRY + 16, reply.capacity());
        return new Opened(reply.getLong(BODY), reply.getLong(BODY + ENTRY));
    }

    private static Message write(Opened file, long offset, String data) {
        return handleAnd(Opcode.WRITE, file.ino, file.handle)
                .u64(offset)
                .u32(data.length())
                .u32(0)
                .u64(0)
                .u64(0)
                .raw(data.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static Message read(Opened file, long offset, int length) {
        return handleAnd(Opcode.READ, file.ino, file.handle)
                .u64(offset)
                .u32(length)
                .u32(0)
                .u64(0)
                .u64(0);
    }

    @Test
    void shouldCreateWriteReadAndRelease() {
        Opened file = create("a");
        assertEquals(0100644, askOk(getattr(file.ino)).getInt(BODY + 16 + 60), "umask applied");
        assertEquals(5, askOk(write(file, 3, "hello")).getInt(BODY));
        ByteBuffer data = askOk(read(file, 4, 100));
        assertEquals(BODY + 4, data.capacity());
        assertEquals('e', data.get(BODY));
        assertEquals(BODY, askOk(read(file, 100, 100)).capacity(), "past the end: nothing");
        Message release =
                handleAnd(Opcode.RELEASE, file.ino, file.handle).u64(0).u64(0);
        askOk(release);
        assertEquals(Errno.EBADF.number(), errorOf(release));
        assertEquals(Errno.EBADF.number(), errorOf(read(file, 0, 1)));
        assertEquals(0, fs.openFiles());
    }

    /** Else the kernel has the file in caching mode, and its direct writes one after the other. */
    @Test
    void shouldOpenPastTheCacheWhoeverWantsDirectIo() {
        Opened file = create("a");
        Message open =
                new Message(Opcode.OPEN, file.ino).u32(2 | OpenFlags.O_DIRECT).u32(0);
        int cached = OpenFlags.KEEP_CACHE | OpenFlags.PARALLEL_DIRECT_WRITES;
        assertEquals(cached, askOk(open).getInt(BODY + 8), "where such a file could not be mapped");
        Shared mappable = new Shared(fs, DispatchPolicy.caching().withDirectMappings(), notices);
        try (Dispatcher other = new Dispatcher(mappable, port)) {
            assertEquals(cached | OpenFlags.DIRECT_IO, openFlags(other, open));
            assertEquals(
                    cached,
                    openFlags(other, new Message(Opcode.OPEN, file.ino).u32(2).u32(0)));
        }
    }

    private int openFlags(Dispatcher other, Message open) {
        port.clear();
        byte[] bytes = open.toBytes();
        other.dispatch(Message.lay(bytes, 8), bytes.length);
        assertEquals(0, port.error());
        return port.only().getInt(BODY + 8);
    }

    @Test
    void shouldSayForHowLongANameIsMissing() {
        ByteBuffer reply = askOk(new Message(Opcode.LOOKUP, 1).name("nothing"));
        assertEquals(0, reply.getLong(BODY), "no node");
        assertEquals(DispatchPolicy.ONE_DAY_SECONDS, reply.getLong(BODY + 16));
    }

    @Test
    void shouldResolveDotForNfs() {
        Opened file = create("a");
        long before = fs.references();
        ByteBuffer reply = askOk(new Message(Opcode.LOOKUP, file.ino).name("."));
        assertEquals(file.ino, reply.getLong(BODY));
        assertEquals(7, reply.getLong(BODY + 8), "generation");
        assertEquals(before + 1, fs.references());
        assertEquals(1, askOk(new Message(Opcode.LOOKUP, 1).name("..")).getLong(BODY));
        assertEquals(Errno.ESTALE.number(), errorOf(new Message(Opcode.LOOKUP, 99).name(".")));
    }

    @Test
    void shouldForgetWithoutReply() {
        Opened file = create("a");
        askWithoutReply(new Message(Opcode.FORGET, file.ino).u64(1));
        assertEquals(0, fs.references());
        askOk(new Message(Opcode.LOOKUP, 1).name("a"));
        askWithoutReply(
                new Message(Opcode.BATCH_FORGET, 0).u32(1).u32(0).u64(file.ino).u64(1));
        assertEquals(0, fs.references());
        askWithoutReply(new Message(Opcode.BATCH_FORGET, 0)
                .u32(1000)
                .u32(0)
                .u64(file.ino)
                .u64(1));
        askWithoutReply(new Message(Opcode.FORGET, 1).u32(0));
        askWithoutReply(new Message(Opcode.INTERRUPT, 1).u64(1234));
    }

    @Test
    void shouldTakeReferencesBackThatTheKernelDidNotTake() {
        port.failWith(Errno.ENOENT.number());
        create("a");
        ask(new Message(Opcode.OPENDIR, 1).u64(0));
        ask(new Message(Opcode.LOOKUP, 1).name("a"));
        assertEquals(0, fs.references());
        assertEquals(0, fs.openFiles());
    }

    @Test
    void shouldTurnAccidentsIntoErrors() {
        for (Throwable thrown : List.of(
                new InternalError("a fault occurred in a recent unsafe memory access operation"),
                new StackOverflowError(),
                new IllegalStateException("a bug"))) {
            accident = thrown;
            assertEquals(Errno.EIO.number(), errorOf(getattr(1)), thrown.toString());
        }
        accident = new OutOfMemoryError("none left");
        assertEquals(Errno.ENOMEM.number(), errorOf(getattr(1)));
        accident = null;
        askOk(getattr(1));
    }

    @Test
    void shouldNotAnswerTwiceWhenAReadFailsAfterItsReply() {
        Opened file = create("a");
        accident = new InternalError("late");
        askOk(read(file, 0, 10));
    }

    /** A bad page's error may come while another error is being answered. */
    @Test
    void shouldAnswerWhenAnErrorComesLateWhileItAnswers() {
        port.throwOnce(new InternalError("late"));
        assertEquals(Errno.EIO.number(), errorOf(new Message(Opcode.UNLINK, 1).name("no")));
    }

    @Test
    void shouldPassFsErrorsOn() {
        assertEquals(Errno.ENOENT.number(), errorOf(new Message(Opcode.UNLINK, 1).name("no")));
        assertEquals(
                Errno.ENODATA.number(),
                errorOf(new Message(Opcode.GETXATTR, 1).u32(0).u32(0).name("user.a/b")));
    }

    @Test
    void shouldRefuseSizesThatCanNotBe() {
        Opened file = create("a");
        assertEquals(Errno.EINVAL.number(), errorOf(read(file, 0, (1 << 20) + 1)));
        assertEquals(Errno.EINVAL.number(), errorOf(read(file, 0, -1)));
        assertEquals(Errno.EINVAL.number(), errorOf(read(file, -1, 1)));
        assertEquals(
                Errno.EINVAL.number(),
                errorOf(handleAnd(Opcode.WRITE, file.ino, file.handle)
                        .u64(0)
                        .u32(5)
                        .u32(0)
                        .u64(0)
                        .u64(0)
                        .raw(new byte[4])));
        assertEquals(
                Errno.EINVAL.number(),
                errorOf(new Message(Opcode.SETXATTR, 1)
                        .u32(9)
                        .u32(0)
                        .name("user.x")
                        .raw(new byte[8])));
        assertEquals(
                Errno.EINVAL.number(),
                errorOf(handleAnd(Opcode.FALLOCATE, file.ino, file.handle)
                        .u64(0)
                        .u64(-5)
                        .u64(0)));
        assertEquals(
                Errno.EINVAL.number(),
                errorOf(handleAnd(Opcode.IOCTL, 1, 0)
                        .u32(0)
                        .u32(0x40086602)
                        .u64(0)
                        .u32(8)
                        .u32(0)
                        .u32(1)),
                "ioctl input longer than the message");
    }

    @Test
    void shouldBindHandlesToTheirInodeAndKind() {
        Opened file = create("a");
        assertEquals(Errno.EBADF.number(), errorOf(read(new Opened(1, file.handle), 0, 1)));
        long directory = askOk(new Message(Opcode.OPENDIR, 1).u64(0)).getLong(BODY);
        assertEquals(
                Errno.EBADF.number(),
                errorOf(handleAnd(Opcode.FSYNC, 1, directory + 7).u64(0)));
        askOk(handleAnd(Opcode.FSYNCDIR, 1, directory).u64(0));
    }

    private static Message goingDown() {
        return handleAnd(Opcode.IOCTL, 1, 0)
                .u32(0)
                .u32(0x8004587d)
                .u64(0)
                .u32(0)
                .u32(4);
    }

    @Test
    void shouldAnswerEioAfterAShutdownOnceNothingIsCachedAnyMore() {
        Opened file = create("a");
        askOk(write(file, 0, "data"));
        askWithoutReply(goingDown().from(0));
        assertEquals(List.of(Notice.dataChanged(1, 0, 0), Notice.dataChanged(file.ino, 0, 0)), notices.sent());
        notices.runSteps();
        assertEquals(BODY + 16, port.only().capacity());
        assertEquals(0, port.error());

        assertEquals(Errno.EIO.number(), errorOf(getattr(1)));
        assertEquals(Errno.EIO.number(), errorOf(read(file, 0, 4)));
        assertEquals(Errno.EIO.number(), errorOf(write(file, 0, "more")));
        assertEquals(
                Errno.EIO.number(),
                errorOf(handleAnd(Opcode.FSYNC, file.ino, file.handle).u64(0)));
        askOk(new Message(Opcode.STATFS, 1));
        askOk(handleAnd(Opcode.RELEASE, file.ino, file.handle).u64(0).u64(0));
        assertEquals(0, fs.openFiles());
    }

    @Test
    void shouldRefuseAShutdownToOthersThanRoot() {
        assertEquals(Errno.EPERM.number(), errorOf(goingDown()));
        askOk(getattr(1));
    }

    @Test
    void shouldListWithAttributesAndWithout() {
        create("a");
        long directory = askOk(new Message(Opcode.OPENDIR, 1).u64(0)).getLong(BODY);
        long references = fs.references();
        ByteBuffer plain = askOk(handleAnd(Opcode.READDIR, 1, directory)
                .u64(0)
                .u32(4096)
                .u32(0)
                .u64(0)
                .u64(0));
        assertEquals(BODY + 3 * 32, plain.capacity());
        assertEquals(references, fs.references());
        ByteBuffer plus = askOk(handleAnd(Opcode.READDIRPLUS, 1, directory)
                .u64(0)
                .u32(4096)
                .u32(0)
                .u64(0)
                .u64(0));
        assertEquals(BODY + 3 * (32 + ENTRY), plus.capacity());
        assertEquals(0, plus.getLong(BODY), "no reference goes with .");
        assertNotEquals(0, plus.getLong(BODY + 2 * (32 + ENTRY)));
        assertEquals(references + 1, fs.references());
        ByteBuffer rest = askOk(handleAnd(Opcode.READDIR, 1, directory)
                .u64(2)
                .u32(32)
                .u32(0)
                .u64(0)
                .u64(0));
        assertEquals('a', rest.get(BODY + 24));
    }

    @Test
    void shouldAnnounceWhatTheKernelDoesNotKnowChanged() {
        Message setFlags = handleAnd(Opcode.IOCTL, 1, 0)
                .u32(0)
                .u32(0x40086602)
                .u64(0)
                .u32(4)
                .u32(0)
                .u32(0x40);
        assertEquals(BODY + 16, askOk(setFlags).capacity());
        assertEquals(List.of(Notice.attributesChanged(1)), notices.sent());
        ByteBuffer flags = askOk(handleAnd(Opcode.IOCTL, 1, 0)
                .u32(0)
                .u32(0x80086601)
                .u64(0)
                .u32(0)
                .u32(4));
        assertEquals(0x40, flags.getInt(BODY + 16));
        assertEquals(
                Errno.ENOTTY.number(),
                errorOf(handleAnd(Opcode.IOCTL, 1, 0).u32(0).u32(0x5401).u64(0).u64(0)));
    }

    @Test
    void shouldAnswerWaitingLocksLaterOnTheirOwnPort() {
        Opened file = create("a");
        askOk(lock(Opcode.SETLK, file, 1, 1));
        RecordingPort other = new RecordingPort();
        try (Dispatcher second = new Dispatcher(shared, other)) {
            byte[] wait = lock(Opcode.SETLKW, file, 2, 1).toBytes();
            second.dispatch(Message.lay(wait, 1001), wait.length);
            assertEquals(0, other.count());
            byte[] third = lock(Opcode.SETLKW, file, 3, 1).toBytes();
            second.dispatch(Message.lay(third, 1003), third.length);
            assertEquals(0, other.count());
            askWithoutReply(new Message(Opcode.INTERRUPT, 0).u64(1003));
            assertEquals(1003, other.only().getLong(8));
            assertEquals(Errno.EINTR.number(), other.error());
            other.clear();
            askOk(handleAnd(Opcode.FLUSH, file.ino, file.handle).u64(0).u64(1));
            assertEquals(1001, other.only().getLong(8));
            assertEquals(0, other.error());
        }
        assertEquals(Errno.EAGAIN.number(), errorOf(lock(Opcode.SETLK, file, 1, 0)));
        ByteBuffer holder = askOk(lock(Opcode.GETLK, file, 1, 0));
        assertEquals(1, holder.getInt(BODY + 16), "a write lock");
        assertEquals(77, holder.getInt(BODY + 20), "its pid");
    }

    private static Message lock(int opcode, Opened file, long owner, int type) {
        return handleAnd(opcode, file.ino, file.handle)
                .u64(owner)
                .u64(0)
                .u64(Long.MAX_VALUE)
                .u32(type)
                .u32(77)
                .u64(0);
    }

    @Test
    void shouldCloseWhatTheKernelLeftOpen() {
        create("a");
        ask(new Message(Opcode.OPENDIR, 1).u64(0));
        assertEquals(2, fs.openFiles());
        shared.releaseAll();
        assertEquals(0, fs.openFiles());
    }

    @Test
    void shouldFindManyHandles() {
        HandleTable table = new HandleTable();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            handles.add(table.add(numbered(i)));
        }
        for (int i = 0; i < 5000; i++) {
            assertEquals(i, table.get(handles.get(i)).ino());
        }
        long old = handles.get(17);
        table.remove(old);
        long reused = table.add(numbered(1));
        assertEquals((int) old, (int) reused, "the slot");
        assertEquals(null, table.get(old));
        assertTrue(table.get(reused) != null);
    }

    private static OpenFile numbered(long ino) {
        return new OpenFile() {
            @Override
            public long ino() {
                return ino;
            }

            @Override
            public boolean direct() {
                return false;
            }
        };
    }
}
