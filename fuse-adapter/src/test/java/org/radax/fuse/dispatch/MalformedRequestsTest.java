package org.radax.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.radax.core.os.RawMemory;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.ReplyPort;

/** Random and mutated requests: one reply each, nothing escapes, nothing is read beyond the message. */
final class MalformedRequestsTest {
    private static final int REQUESTS = 100_000;
    private static final long SEED = 20260721;
    private static final int UNIQUE_OFFSET = 8;

    /** Counts the replies to the request under way, and knows a stray one. */
    private static final class CountingPort implements ReplyPort {
        long expected;
        int replies;
        int later;

        private int take(long address, int length) {
            assertEquals(length, RawMemory.getInt(address), "length in the header");
            assertTrue(RawMemory.getInt(address + 4) <= 0 && RawMemory.getInt(address + 4) > -4096, "errno");
            if (RawMemory.getLong(address + UNIQUE_OFFSET) == expected) {
                replies++;
            } else {
                later++;
            }
            return 0;
        }

        @Override
        public int send(long address, int lengthBytes) {
            return take(address, lengthBytes);
        }

        @Override
        public int sendGathered(long iovecsAddress, int count) {
            int length = 0;
            for (int i = 0; i < count; i++) {
                length += (int) RawMemory.getLong(iovecsAddress + 16L * i + 8);
            }
            return take(RawMemory.getLong(iovecsAddress), length);
        }
    }

    private final Random random = new Random(SEED);
    private final CountingPort port = new CountingPort();
    private final Shared shared =
            new Shared(new MemoryFileSystem(1 << 20), DispatchPolicy.caching(), new RecordingNotices());
    private final Dispatcher dispatcher = new Dispatcher(shared, port);

    private long handle() {
        return 1L << 32 | random.nextInt(8);
    }

    private Message base() {
        int opcode = random.nextInt(56);
        Message message = new Message(opcode, 1 + random.nextInt(6));
        if (random.nextInt(4) != 0) {
            message.u64(handle());
        }
        int words = random.nextInt(8);
        for (int i = 0; i < words; i++) {
            switch (random.nextInt(4)) {
                case 0 -> message.u64(handle());
                case 1 -> message.u64(random.nextInt(5000));
                case 2 -> message.u32(random.nextInt(70)).u32(random.nextInt(3));
                default -> message.u64(random.nextLong());
            }
        }
        if (random.nextBoolean()) {
            message.name(String.valueOf((char) ('a' + random.nextInt(5))));
        }
        if (random.nextInt(4) == 0) {
            message.name("x".repeat(random.nextInt(300)));
        }
        return message;
    }

    private byte[] request() {
        byte[] bytes = base().toBytes();
        switch (random.nextInt(6)) {
            case 0 -> {
                for (int flips = random.nextInt(4); flips >= 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            case 1 -> {
                byte[] cut = new byte[random.nextInt(bytes.length)];
                System.arraycopy(bytes, 0, cut, 0, cut.length);
                if (random.nextBoolean() && cut.length >= 4) {
                    cut[0] = (byte) cut.length;
                    cut[1] = (byte) (cut.length >> 8);
                }
                bytes = cut;
            }
            default -> {}
        }
        return bytes;
    }

    @Test
    void shouldAnswerEachRequestOnce() {
        long unique = 2;
        int parked = 0;
        for (int i = 0; i < REQUESTS; i++) {
            byte[] bytes = request();
            unique += 2;
            port.expected = unique;
            port.replies = 0;
            long address = Message.lay(bytes, unique);
            String which = "seed " + SEED + ", request " + i;
            dispatcher.dispatch(address, bytes.length);
            int opcode = bytes.length < 40 ? -1 : RawMemory.getInt(address + 4);
            if (bytes.length < 40 || Opcode.hasNoReply(opcode)) {
                assertEquals(0, port.replies, which);
            } else if (opcode == Opcode.SETLKW && port.replies == 0) {
                parked++;
            } else {
                assertEquals(1, port.replies, which + ", opcode " + opcode);
            }
        }
        int waiting = shared.rangeLocks.waiting() + shared.fileLocks.waiting();
        assertEquals(parked, port.later + waiting, "parked requests are answered once or still wait");
    }

    /** The mutation is worth something only if many requests get through to the filesystem. */
    @Test
    void shouldReachTheFileSystemOftenEnough() {
        List<Long> errors = new ArrayList<>();
        ReplyPort outcomes = new ReplyPort() {
            @Override
            public int send(long address, int lengthBytes) {
                errors.add((long) RawMemory.getInt(address + 4));
                return 0;
            }

            @Override
            public int sendGathered(long iovecsAddress, int count) {
                errors.add(0L);
                return 0;
            }
        };
        try (Dispatcher other = new Dispatcher(shared, outcomes)) {
            for (int i = 0; i < 20_000; i++) {
                byte[] bytes = request();
                other.dispatch(Message.lay(bytes, i + 1), bytes.length);
            }
        }
        long successes = errors.stream().filter(error -> error == 0).count();
        assertTrue(successes > 2000, successes + " of " + errors.size() + " succeeded");
    }
}
