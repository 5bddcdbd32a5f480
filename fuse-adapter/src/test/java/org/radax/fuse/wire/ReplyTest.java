package org.radax.fuse.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.Attributes;

final class ReplyTest {
    private final RecordingPort port = new RecordingPort();
    private final Reply reply = new Reply(port);

    @Test
    void shouldSendHeaderAndBody() {
        reply.open(0x1122334455667788L);
        RawMemory.putLong(reply.body(), 0x0102030405060708L);
        assertTrue(reply.send(8));
        assertArrayEquals(
                new byte[] {
                    24,
                    0,
                    0,
                    0, // length
                    0,
                    0,
                    0,
                    0, // no error
                    (byte) 0x88,
                    0x77,
                    0x66,
                    0x55,
                    0x44,
                    0x33,
                    0x22,
                    0x11, // unique
                    8,
                    7,
                    6,
                    5,
                    4,
                    3,
                    2,
                    1
                },
                port.only().array());
    }

    @Test
    void shouldSendErrorsNegative() {
        reply.open(1);
        reply.sendError(Errno.ENOENT);
        assertArrayEquals(
                new byte[] {16, 0, 0, 0, -2, -1, -1, -1, 1, 0, 0, 0, 0, 0, 0, 0},
                port.only().array());
    }

    @Test
    void shouldBeUsedExactlyOnce() {
        assertThrows(IllegalStateException.class, reply::sendEmpty);
        reply.open(1);
        assertThrows(IllegalStateException.class, () -> reply.open(2));
        reply.sendEmpty();
        assertThrows(IllegalStateException.class, reply::sendEmpty);
        assertThrows(IllegalStateException.class, () -> reply.sendError(Errno.EIO));
        assertThrows(IllegalStateException.class, reply::sendGathered);
        reply.open(2);
        reply.handOver();
        assertThrows(IllegalStateException.class, reply::sendEmpty);
        assertEquals(1, port.count());
    }

    @Test
    void shouldGatherAndJoinNeighbours() {
        long data = RawMemory.allocateForEver(64, 8);
        for (int i = 0; i < 64; i++) {
            RawMemory.putByte(data + i, (byte) i);
        }
        reply.open(3);
        reply.gather(data, 2);
        reply.gather(data + 2, 1);
        reply.gather(data + 2, 0);
        reply.gather(data + 10, 2);
        reply.sendGathered();
        assertArrayEquals(
                new byte[] {21, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 10, 11},
                port.only().array());
    }

    @Test
    void shouldAnswerEioWhenGatheringFails() {
        reply.open(3);
        port.failWith(Errno.EFAULT.number());
        reply.sendGathered();
        assertEquals(2, port.count());
        assertEquals(Errno.EIO.number(), port.error());
    }

    @Test
    void shouldSayWhenNobodyTookTheReply() {
        port.failWith(Errno.ENOENT.number());
        reply.open(1);
        assertFalse(reply.send(0));
    }

    @Test
    void shouldEncodeAnEntryByteForByte() {
        Attributes a = new Attributes();
        a.ino = 2;
        a.generation = 3;
        a.mode = 0100644;
        a.linkCount = -1;
        a.uid = 4;
        a.gid = 5;
        a.rdev = 6;
        a.sizeBytes = 7;
        a.blocks = 1;
        a.atimeNanos = 8_000_000_009L;
        a.mtimeNanos = -1; // a nanosecond before 1970
        a.ctimeNanos = Long.MIN_VALUE; // 2262, where signed nanoseconds end
        RawMemory.fill(reply.body(), 128, (byte) 0xee);
        AttributeEncoder.putEntry(reply.body(), a, 99);
        byte[] bytes = new byte[128];
        RawMemory.copyOut(reply.body(), bytes, 0, 128);
        ByteBuffer expected = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(2).putLong(3).putLong(99).putLong(99).putInt(0).putInt(0);
        expected.putLong(2).putLong(7).putLong(8).putLong(8).putLong(-1).putLong(9223372036L);
        expected.putInt(9).putInt(999_999_999).putInt(854775808).putInt(0100644).putInt(-1);
        expected.putInt(4).putInt(5).putInt(6).putInt(4096).putInt(0);
        assertArrayEquals(expected.array(), bytes);
    }

    @Test
    void shouldPadDirectoryEntriesAndStopWhenFull() {
        DirectoryWriter writer = new DirectoryWriter().begin(reply.body(), 64, false, 0);
        RawMemory.fill(reply.body(), 64, (byte) 0xee);
        assertTrue(writer.entry(11, 5, 8, new byte[] {'a', 'b', 'c'}, 3, null));
        assertTrue(writer.entry(12, 6, 4, new byte[] {'d'}, 1, null));
        assertFalse(writer.entry(13, 7, 4, new byte[] {'e'}, 1, null));
        byte[] bytes = new byte[64];
        RawMemory.copyOut(reply.body(), bytes, 0, 64);
        ByteBuffer expected = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(5).putLong(11).putInt(3).putInt(8).put(new byte[] {'a', 'b', 'c', 0, 0, 0, 0, 0});
        expected.putLong(6).putLong(12).putInt(1).putInt(4).put(new byte[] {'d', 0, 0, 0, 0, 0, 0, 0});
        assertArrayEquals(expected.array(), bytes);
        assertEquals(64, writer.used());
    }

    @Test
    void shouldEncodeNotices() {
        long at = RawMemory.allocateForEver(Notice.MAX_SIZE, 8);
        byte[] inode = new byte[Notice.dataChanged(5, 4096, 8192).encode(at)];
        RawMemory.copyOut(at, inode, 0, inode.length);
        ByteBuffer expected = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        expected.putInt(40).putInt(2).putLong(0).putLong(5).putLong(4096).putLong(8192);
        assertArrayEquals(expected.array(), inode);

        byte[] entry = new byte[Notice.entryChanged(1, "ab").encode(at)];
        RawMemory.copyOut(at, entry, 0, entry.length);
        expected = ByteBuffer.allocate(35).order(ByteOrder.LITTLE_ENDIAN);
        expected.putInt(35).putInt(3).putLong(0).putLong(1).putInt(2).putInt(0).put(new byte[] {'a', 'b', 0});
        assertArrayEquals(expected.array(), entry);
    }
}
