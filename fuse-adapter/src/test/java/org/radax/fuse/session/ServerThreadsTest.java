package org.radax.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.os.UnixSockets;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.dispatch.DispatchPolicy;
import org.radax.fuse.dispatch.Shared;
import org.radax.fuse.wire.Headers;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;

/** With a socket for /dev/fuse. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServerThreadsTest {
    private static final int MOST_BYTES = 4096;

    private final int[] ends = UnixSockets.pair();
    private final Device device = new Device(ends[0]);

    /** Of a volume that is always about to thaw. */
    private final MemoryFileSystem fs = new MemoryFileSystem() {
        @Override
        public boolean startChange() {
            return false;
        }
    };

    private void sendMkdir(String name) {
        byte[] request =
                new Message(Opcode.MKDIR, 1).u32(0755).u32(0).name(name).toBytes();
        assertEquals(request.length, LibC.INSTANCE.write(ends[1], Message.lay(request, 1), request.length));
    }

    private int errorOfMkdir(String name) {
        sendMkdir(name);
        long reply = RawMemory.allocate(MOST_BYTES);
        try {
            LibC.INSTANCE.read(ends[1], reply, MOST_BYTES);
            return RawMemory.getInt(reply + Headers.Out.ERROR);
        } finally {
            RawMemory.free(reply);
        }
    }

    @Test
    void shouldServeOnWhereNoThreadCanTakeThePlaceOfOneThatWaits() {
        Shared shared = new Shared(fs, DispatchPolicy.caching(), new Notifier(device));
        AtomicInteger started = new AtomicInteger();
        ServerThreads threads = new ServerThreads(shared, 0, thread -> {
            if (started.getAndIncrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            thread.start();
        });
        shared.changes().whenWaiting(threads::standIn);
        threads.start(List.of(device));

        assertEquals(0, errorOfMkdir("a"));
        assertEquals(0, errorOfMkdir("b"), "by the same thread");
        assertEquals(3, started.get());

        threads.end();
        sendMkdir("the last, if it still reads");
        threads.awaitEnd();
        device.close();
        LibC.INSTANCE.close(ends[1]);
    }
}
