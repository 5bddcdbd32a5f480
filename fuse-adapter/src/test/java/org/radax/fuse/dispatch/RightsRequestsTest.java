package org.radax.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.Caller;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;
import org.radax.fuse.MemoryFileSystem;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.RecordingPort;

/** What INIT's POSIX_ACL, SETXATTR_EXT and HANDLE_KILLPRIV_V2 mean for requests and replies. */
final class RightsRequestsTest {
    private static final int BODY = 16;
    private static final String ACL = "system.posix_acl_access";

    private int flagsSeen = -1;
    private byte[] valueSeen;
    private final MemoryFileSystem fs = new MemoryFileSystem() {
        @Override
        public synchronized void setxattr(
                Caller caller, long ino, Name name, long valueAddress, int valueLength, int flags) throws FsException {
            flagsSeen = flags;
            valueSeen = new byte[valueLength];
            RawMemory.copyOut(valueAddress, valueSeen, 0, valueLength);
            super.setxattr(caller, ino, name, valueAddress, valueLength, 0);
        }
    };
    private final RecordingPort port = new RecordingPort();
    private final Dispatcher plain =
            new Dispatcher(new Shared(fs, DispatchPolicy.caching(), new RecordingNotices()), port);
    private final Dispatcher withAcls =
            new Dispatcher(new Shared(fs, DispatchPolicy.caching().withAcls(), new RecordingNotices()), port);

    @AfterEach
    void close() {
        plain.close();
        withAcls.close();
    }

    private ByteBuffer ask(Dispatcher dispatcher, Message message) {
        port.clear();
        byte[] bytes = message.toBytes();
        dispatcher.dispatch(Message.lay(bytes, 8), bytes.length);
        return port.only();
    }

    private int error(Dispatcher dispatcher, Message message) {
        ask(dispatcher, message);
        return port.error();
    }

    private static Message shortSetxattr(String name) {
        return new Message(Opcode.SETXATTR, 1).u32(3).u32(2).name(name).raw((byte) 7, (byte) 8, (byte) 9);
    }

    private static Message longSetxattr(String name, int extendedFlags) {
        return new Message(Opcode.SETXATTR, 1)
                .u32(3)
                .u32(1)
                .u32(extendedFlags)
                .u32(0)
                .name(name)
                .raw((byte) 7, (byte) 8, (byte) 9);
    }

    @Test
    void shouldReadTheFormOfSetxattrThatWasAgreed() {
        assertEquals(0, error(plain, shortSetxattr("user.a")));
        assertEquals(FileSystem.XATTR_REPLACE, flagsSeen);
        assertArrayEquals(new byte[] {7, 8, 9}, valueSeen);
        assertEquals(0, error(withAcls, longSetxattr(ACL, 0)));
        assertEquals(FileSystem.XATTR_CREATE, flagsSeen);
        assertArrayEquals(new byte[] {7, 8, 9}, valueSeen);
        assertEquals(0, error(withAcls, longSetxattr(ACL, 1)));
        assertEquals(FileSystem.XATTR_CREATE | FileSystem.XATTR_KILL_SETGID, flagsSeen);
        Message brief = new Message(Opcode.SETXATTR, 1).u32(0).u32(0).name("u.a");
        assertEquals(Errno.EINVAL.number(), error(withAcls, brief));
    }

    @Test
    void shouldNotChangeAnAclThatNobodyEnforces() {
        assertEquals(0, error(withAcls, longSetxattr(ACL, 0)));
        Message remove = new Message(Opcode.REMOVEXATTR, 1).name(ACL);
        assertEquals(Errno.EOPNOTSUPP.number(), error(plain, shortSetxattr(ACL)));
        assertEquals(Errno.EOPNOTSUPP.number(), error(plain, remove));
        assertEquals(
                0, error(plain, new Message(Opcode.GETXATTR, 1).u32(100).u32(0).name(ACL)));
        assertEquals(0, error(withAcls, remove));
    }

    @Test
    void shouldHaveTheKernelAskForTheModeOfAPrivilegedFileEachTime() {
        for (int mode : new int[] {0755, 02755, 04755}) {
            long valid = mode == 0755 ? DispatchPolicy.ONE_DAY_SECONDS : 0;
            ByteBuffer entry = ask(
                    plain,
                    new Message(Opcode.MKNOD, 1)
                            .u32(0100000 | mode)
                            .u32(0)
                            .u32(0)
                            .u32(0)
                            .name("f" + mode));
            assertEquals(DispatchPolicy.ONE_DAY_SECONDS, entry.getLong(BODY + 16), "the name");
            assertEquals(valid, entry.getLong(BODY + 24), "the attributes");
            long ino = entry.getLong(BODY);
            ByteBuffer attributes =
                    ask(plain, new Message(Opcode.GETATTR, ino).u64(0).u64(0));
            assertEquals(valid, attributes.getLong(BODY));
            Message statx = new Message(Opcode.STATX, ino).u64(0).u64(0).u64(0);
            assertEquals(valid, ask(plain, statx).getLong(BODY));
        }
        ByteBuffer directory =
                ask(plain, new Message(Opcode.MKDIR, 1).u32(02755).u32(0).name("d"));
        assertEquals(DispatchPolicy.ONE_DAY_SECONDS, directory.getLong(BODY + 24));
    }
}
