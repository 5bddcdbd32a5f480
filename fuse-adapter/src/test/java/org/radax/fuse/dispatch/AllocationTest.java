package org.radax.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.radax.core.os.RawMemory;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.ReplyPort;

/** Hot requests leave no garbage. */
final class AllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 20_000;
    private static final int ROUNDS = 5;

    /** Takes replies as the kernel would, and keeps the last node id and handle. */
    private static final class Sink implements ReplyPort {
        long node;
        long handle;
        long lastError;

        @Override
        public int send(long address, int lengthBytes) {
            lastError = RawMemory.getInt(address + 4);
            if (lengthBytes == 16 + 128 + 16) {
                node = RawMemory.getLong(address + 16);
                handle = RawMemory.getLong(address + 16 + 128);
            }
            return 0;
        }

        @Override
        public int sendGathered(long iovecsAddress, int count) {
            lastError = RawMemory.getInt(RawMemory.getLong(iovecsAddress) + 4);
            return 0;
        }
    }

    private final Sink sink = new Sink();
    private final Dispatcher dispatcher =
            new Dispatcher(new Shared(new MemoryFileSystem(), DispatchPolicy.caching(), new RecordingNotices()), sink);

    private void assertAllocatesNothing(String what, Message message) {
        byte[] bytes = message.toBytes();
        long address = Message.lay(bytes, 7);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(address, bytes.length, WARM_UP);
        long self = Thread.currentThread().getId();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getThreadAllocatedBytes(self);
            long cost = threads.getThreadAllocatedBytes(self) - before;
            long start = threads.getThreadAllocatedBytes(self);
            run(address, bytes.length, MEASURED);
            // The least of some rounds: what the bean and the compiler allocate now and then is not the requests'.
            allocated = Math.min(allocated, threads.getThreadAllocatedBytes(self) - start - cost);
        }
        assertEquals(0, sink.lastError, what);
        assertTrue(allocated <= 0, what + ": " + allocated + " bytes allocated by " + MEASURED + " requests");
    }

    private void run(long address, int length, int times) {
        for (int i = 0; i < times; i++) {
            dispatcher.dispatch(address, length);
        }
    }

    @Test
    void shouldAllocateNothingOnHotRequests() {
        byte[] create = new Message(Opcode.CREATE, 1)
                .u32(2)
                .u32(0644)
                .u64(0)
                .name("file")
                .toBytes();
        dispatcher.dispatch(Message.lay(create, 5), create.length);
        long ino = sink.node;
        long handle = sink.handle;
        assertAllocatesNothing(
                "write",
                new Message(Opcode.WRITE, ino)
                        .u64(handle)
                        .u64(0)
                        .u32(4096)
                        .u32(0)
                        .u64(0)
                        .u64(0)
                        .raw(new byte[4096]));
        assertAllocatesNothing(
                "read",
                new Message(Opcode.READ, ino)
                        .u64(handle)
                        .u64(0)
                        .u32(4096)
                        .u32(0)
                        .u64(0)
                        .u64(0));
        assertAllocatesNothing(
                "getattr", new Message(Opcode.GETATTR, ino).u64(0).u64(0));
        assertAllocatesNothing("lookup", new Message(Opcode.LOOKUP, 1).name("file"));
    }
}
