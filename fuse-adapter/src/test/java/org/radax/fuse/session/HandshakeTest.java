package org.radax.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.fuse.wire.InitFlags;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.RecordingPort;
import org.radax.fuse.wire.Reply;

final class HandshakeTest {
    private static final int BODY = 16;

    private final RecordingPort port = new RecordingPort();
    private final Reply reply = new Reply(port);

    private Negotiation answer(SessionOptions options, Message init) throws IOException {
        byte[] bytes = init.toBytes();
        return new Handshake(options).answer(Message.lay(bytes, 1), bytes.length, reply);
    }

    private static SessionOptions options(boolean direct, boolean writeback) {
        return new SessionOptions(direct, direct, writeback, true, 2, 0);
    }

    /** As Linux 6.18 sends it. */
    private static Message init(int major, int minor) {
        Message message = new Message(Opcode.INIT, 0)
                .u32(major)
                .u32(minor)
                .u32(131072)
                .u32(0x73fffffb)
                .u32(0x5fd);
        for (int i = 0; i < 11; i++) {
            message.u32(0);
        }
        return message;
    }

    @Test
    void shouldAcceptWhatLinuxOffers() throws IOException {
        Negotiation agreed = answer(options(false, false), init(7, 45));
        assertEquals(45, agreed.minor());
        ByteBuffer out = port.only();
        assertEquals(BODY + 64, out.capacity());
        assertEquals(7, out.getInt(BODY));
        assertEquals(45, out.getInt(BODY + 4));
        assertEquals(131072, out.getInt(BODY + 8), "read-ahead");
        assertEquals((int) agreed.flags(), out.getInt(BODY + 12));
        assertEquals(1 << 20, out.getInt(BODY + 20), "max_write");
        assertEquals(1, out.getInt(BODY + 24), "time granularity");
        assertEquals(256, out.getShort(BODY + 28), "max_pages");
        assertEquals(0, out.getInt(BODY + 32), "no flags2");
        assertFalse(agreed.hasDirectMappings());
        assertEquals(0, agreed.flags() & InitFlags.WRITEBACK_CACHE);
        assertEquals(InitFlags.EXPORT_SUPPORT, agreed.flags() & InitFlags.EXPORT_SUPPORT);
    }

    @Test
    void shouldAskForWhatTheCachePolicyNeeds() throws IOException {
        Negotiation direct = answer(options(true, false), init(7, 45));
        assertTrue(direct.hasDirectMappings());
        assertEquals(1 << 4, port.last().getInt(BODY + 32), "flags2 carries bit 36");
        Negotiation writeback = answer(options(false, true), init(7, 45));
        assertEquals(InitFlags.WRITEBACK_CACHE, writeback.flags() & InitFlags.WRITEBACK_CACHE);
    }

    @Test
    void shouldAgreeOnAclsOnlyWholeAndWhereTheyAreEnforced() throws IOException {
        long acls = InitFlags.POSIX_ACL | InitFlags.SETXATTR_EXT | InitFlags.DONT_MASK;
        Negotiation agreed = answer(options(false, false), init(7, 45));
        assertEquals(acls, agreed.flags() & acls);
        assertTrue(agreed.hasAcls());
        Negotiation unchecked = answer(new SessionOptions(false, false, false, false, 2, 0), init(7, 45));
        assertEquals(InitFlags.DONT_MASK, unchecked.flags() & acls);
        assertFalse(unchecked.hasAcls());
        for (long missing : new long[] {InitFlags.POSIX_ACL, InitFlags.SETXATTR_EXT, InitFlags.DONT_MASK}) {
            Message offer = new Message(Opcode.INIT, 0).u32(7).u32(33).u32(0).u32((int) (0x33fffffb & ~missing));
            assertEquals(0, answer(options(false, false), offer).flags() & (acls & ~InitFlags.DONT_MASK));
        }
    }

    @Test
    void shouldFallBackToAnOlderKernelAndNotBeyondANewerOne() throws IOException {
        assertEquals(31, answer(options(false, false), init(7, 31)).minor());
        assertEquals(45, answer(options(false, false), init(7, 99)).minor());
        Message brief = new Message(Opcode.INIT, 0).u32(7).u32(31).u32(0).u32(-1);
        assertEquals(0, answer(options(true, false), brief).flags() >>> 32, "no flags2 in a short INIT");
    }

    @Test
    void shouldTellANewerMajorItsOwnAndWaitForTheNextInit() throws IOException {
        assertNull(answer(options(false, false), init(8, 0)));
        assertEquals(0, port.error());
        assertEquals(7, port.only().getInt(BODY));
    }

    @Test
    void shouldRefuseWhatIsTooOldOrNoInit() {
        assertThrows(IOException.class, () -> answer(options(false, false), init(6, 99)));
        assertEquals(Errno.EPROTO.number(), port.error());
        assertThrows(IOException.class, () -> answer(options(false, false), init(7, 22)));
        assertEquals(Errno.EPROTO.number(), port.error());
        assertThrows(
                IOException.class,
                () -> answer(
                        options(false, false),
                        new Message(Opcode.GETATTR, 1).u64(0).u64(0)));
        assertThrows(IOException.class, () -> answer(options(false, false), new Message(Opcode.INIT, 0).u32(7)));
        assertEquals(4, port.count());
    }
}
