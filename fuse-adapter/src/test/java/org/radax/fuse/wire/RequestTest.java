package org.radax.fuse.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.os.RawMemory;

final class RequestTest {
    private final Request request = new Request();

    private Errno decode(Message message) {
        return decode(message.toBytes());
    }

    private Errno decode(byte[] bytes) {
        long address = Message.lay(bytes, 9);
        request.hasHeader(address, bytes.length);
        return request.decode(bytes.length);
    }

    @Test
    void shouldDecodeEveryFieldOfARename() {
        byte[] message = {
            66, 0, 0, 0, // length
            45, 0, 0, 0, // RENAME2
            9, 0, 0, 0, 0, 0, 0, 0, // unique
            5, 0, 0, 0, 0, 0, 0, 0, // node id
            1, 0, 0, 0, // uid
            2, 0, 0, 0, // gid
            3, 0, 0, 0, // pid
            0, 0, 0, 0, // no extensions, padding
            6, 0, 0, 0, 0, 0, 0, 0, // new parent
            1, 0, 0, 0, // RENAME_NOREPLACE
            0, 0, 0, 0, // padding
            'o', 'l', 'd', 0, //
            'n', 'e', 'w', '_', 'n', 0
        };
        assertNull(decode(message));
        assertEquals(Opcode.RENAME2, request.opcode());
        assertEquals(9, request.unique());
        assertEquals(5, request.nodeId());
        assertEquals(1, request.uid());
        assertEquals(2, request.gid());
        assertEquals(3, request.pid());
        assertEquals(6, request.getLong(NameLayouts.RenameIn.NEW_PARENT));
        assertEquals(1, request.getInt(NameLayouts.RenameIn.FLAGS2));
        assertEquals("old", request.name().toString());
        assertEquals("new_n", request.secondName().toString());
    }

    @Test
    void shouldNotTakeAMessageWithoutHeaderOrNumber() {
        assertFalse(request.hasHeader(Message.lay(new byte[39], 1), 39));
        byte[] lookup = new Message(Opcode.LOOKUP, 1).name("a").toBytes();
        assertFalse(request.hasHeader(Message.lay(lookup, 0), lookup.length));
    }

    @Test
    void shouldRejectALengthThatIsNotTheMessages() {
        byte[] message = new Message(Opcode.LOOKUP, 1).name("a").toBytes();
        message[0]++;
        assertEquals(Errno.EINVAL, decode(message));
    }

    @Test
    void shouldRejectABodyShorterThanItsStruct() {
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.GETATTR, 1).u64(0).u32(0)));
        assertNull(decode(new Message(Opcode.GETATTR, 1).u64(0).u64(0)));
    }

    @Test
    void shouldRejectUnknownOpcodes() {
        for (int opcode : new int[] {0, 7, 37, 40, 48, 54, 4096, -1, Integer.MIN_VALUE}) {
            assertEquals(Errno.ENOSYS, decode(new Message(opcode, 1).u64(0).u64(0)), "opcode " + opcode);
        }
    }

    @Test
    void shouldRejectBadNames() {
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.LOOKUP, 1)));
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.LOOKUP, 1).name("")));
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.LOOKUP, 1).name("a/b")));
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.LOOKUP, 1).raw((byte) 'a')));
        assertEquals(Errno.ENAMETOOLONG, decode(new Message(Opcode.LOOKUP, 1).name("x".repeat(256))));
        assertNull(decode(new Message(Opcode.LOOKUP, 1).name("x".repeat(255))));
        assertEquals(
                Errno.EINVAL,
                decode(new Message(Opcode.RENAME, 1).u64(1).name("a").raw((byte) 'b')));
        assertEquals(Errno.ERANGE, decode(new Message(Opcode.REMOVEXATTR, 1).name("user." + "x".repeat(251))));
    }

    @Test
    void shouldTakeAnyTargetOfASymlinkUpToItsLimit() {
        assertNull(decode(new Message(Opcode.SYMLINK, 1).name("a").name("/b/../c")));
        assertEquals(7, request.targetLength());
        assertEquals('/', RawMemory.getByte(request.targetAddress()));
        assertNull(decode(new Message(Opcode.SYMLINK, 1).name("a").name("x".repeat(4095))));
        assertEquals(
                Errno.ENAMETOOLONG,
                decode(new Message(Opcode.SYMLINK, 1).name("a").name("x".repeat(4096))));
        assertEquals(
                Errno.ENOENT, decode(new Message(Opcode.SYMLINK, 1).name("a").name("")));
        assertEquals(Errno.EINVAL, decode(new Message(Opcode.SYMLINK, 1).name("a")));
    }

    @Test
    void shouldLeaveExtensionsOutOfTheBody() {
        byte[] message =
                new Message(Opcode.MKDIR, 1).u32(0).u32(0).name("d").u64(0).toBytes();
        message[Headers.In.EXTENSION_WORDS] = 1;
        assertNull(decode(message));
        assertEquals(8 + 2, request.bodyLength());
        message[Headers.In.EXTENSION_WORDS] = 3;
        assertEquals(Errno.EINVAL, decode(message));
    }
}
