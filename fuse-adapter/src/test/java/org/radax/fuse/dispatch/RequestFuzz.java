package org.radax.fuse.dispatch;

import java.util.Arrays;
import org.radax.core.os.RawMemory;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.ReplyPort;

/**
 * An input is what the kernel might send: requests, each behind its length in two bytes. Behind each lies memory that can
 * not be read. For a fuzzer that is guided by coverage.
 */
public final class RequestFuzz {
    private static final int HEADER_BYTES = 40;
    private static final int UNIQUE_OFFSET = 8;

    private RequestFuzz() {}

    /** Counts the replies to one request. */
    private static final class Replies implements ReplyPort {
        long unique;
        int count;

        private int take(long address) {
            count += RawMemory.getLong(address + UNIQUE_OFFSET) == unique ? 1 : 0;
            int errno = RawMemory.getInt(address + 4);
            if (errno > 0 || errno < -4095) {
                throw new AssertionError("errno " + errno);
            }
            return 0;
        }

        @Override
        public int send(long address, int lengthBytes) {
            return take(address);
        }

        @Override
        public int sendGathered(long iovecsAddress, int count) {
            return take(RawMemory.getLong(iovecsAddress));
        }
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Replies replies = new Replies();
        Shared shared = new Shared(new MemoryFileSystem(1 << 20), DispatchPolicy.caching(), new RecordingNotices());
        try (Dispatcher dispatcher = new Dispatcher(shared, replies)) {
            int at = 0;
            while (at + 2 <= input.length) {
                int length = (input[at] & 0xff) | (input[at + 1] & 0x3f) << 8;
                at += 2;
                byte[] request = Arrays.copyOfRange(input, at, Math.min(input.length, at + length));
                at += request.length;
                dispatch(dispatcher, replies, request);
            }
        }
    }

    private static void dispatch(Dispatcher dispatcher, Replies replies, byte[] request) {
        replies.unique += 2;
        replies.count = 0;
        long address = Message.lay(request, replies.unique);
        dispatcher.dispatch(address, request.length);
        int opcode = request.length < HEADER_BYTES ? -1 : RawMemory.getInt(address + 4);
        int most = request.length < HEADER_BYTES || Opcode.hasNoReply(opcode) ? 0 : 1;
        int least = opcode == Opcode.SETLKW ? 0 : most;
        if (replies.count < least || replies.count > most) {
            throw new AssertionError(replies.count + " replies to opcode " + opcode);
        }
    }
}
