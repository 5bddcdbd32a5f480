package org.radax.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.TestVolume;
import org.radax.fuse.wire.FileLayouts;
import org.radax.fuse.wire.IoctlLayouts;
import org.radax.fuse.wire.Message;
import org.radax.fuse.wire.NameLayouts;
import org.radax.fuse.wire.Opcode;
import org.radax.fuse.wire.RecordingPort;

/**
 * Requests as the kernel sends them, to a real volume, but for one or two fields that are absurd. None fails by accident
 * (EIO), each has its one reply, and the volume is whole afterwards.
 */
@Timeout(120)
final class AbsurdFieldsTest {
    private static final int HEADER = 40;
    private static final int NODE_ID = 16;
    private static final int EXTENSION_WORDS = 36;
    private static final long[] WORDS = {
        -1,
        -2,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 4095,
        1L << 62,
        1L << 44,
        (1L << 44) - 1,
        1L << 32,
        (1L << 32) - 1,
        1L << 31,
        Integer.MAX_VALUE,
        1,
        0
    };

    /** An opcode, the size of its struct, and what follows. */
    private record Shape(int opcode, int structSize, byte[] tail) {}

    private final TestVolume test = volume();
    private final RecordingPort port = new RecordingPort();
    private final Shared shared =
            new Shared(test.volume, DispatchPolicy.caching().withAcls(), new RecordingNotices());
    private final Dispatcher dispatcher = new Dispatcher(shared, port);
    private long unique = 2;
    private long file;
    private long directory;
    private long fileHandle;
    private long directoryHandle;

    private static TestVolume volume() {
        try {
            return new TestVolume(32 << 20);
        } catch (org.radax.core.error.PoolException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void fill() throws Exception {
        file = test.create(FileSystem.ROOT_INO, "a");
        directory = test.mkdir(FileSystem.ROOT_INO, "b");
        test.create(directory, "a");
        test.symlink(FileSystem.ROOT_INO, "c", "target");
        test.write(file, 5000, new byte[20_000]);
        test.volume.lookupInode(file, new Attributes());
        test.volume.lookupInode(directory, new Attributes());
        fileHandle = shared.files.add(test.volume.open(TestVolume.ROOT, file, 2, false));
        directoryHandle = shared.directories.add(test.volume.opendir(TestVolume.ROOT, directory));
    }

    @AfterEach
    void check() throws Exception {
        dispatcher.close();
        shared.releaseAll();
        test.volume.close();
        assertEquals(0, Checker.check(test.memory, false, message -> {}).exitCode());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static List<Shape> shapes() {
        byte[] none = {};
        byte[] name = bytes("a\0");
        return List.of(
                new Shape(Opcode.LOOKUP, 0, name),
                new Shape(Opcode.FORGET, NameLayouts.ForgetIn.SIZE, none),
                new Shape(Opcode.GETATTR, 16, none),
                new Shape(Opcode.SETATTR, 88, none),
                new Shape(Opcode.READLINK, 0, none),
                new Shape(Opcode.SYMLINK, 0, bytes("s\0t\0")),
                new Shape(Opcode.MKNOD, NameLayouts.MknodIn.SIZE, name),
                new Shape(Opcode.MKDIR, NameLayouts.MkdirIn.SIZE, name),
                new Shape(Opcode.UNLINK, 0, bytes("u\0")),
                new Shape(Opcode.RMDIR, 0, bytes("u\0")),
                new Shape(Opcode.RENAME, NameLayouts.RenameIn.SIZE, bytes("a\0a\0")),
                new Shape(Opcode.RENAME2, NameLayouts.RenameIn.SIZE2, bytes("a\0a\0")),
                new Shape(Opcode.LINK, NameLayouts.LinkIn.SIZE, name),
                new Shape(Opcode.OPEN, FileLayouts.OpenIn.SIZE, none),
                new Shape(Opcode.READ, FileLayouts.ReadIn.SIZE, none),
                new Shape(Opcode.WRITE, FileLayouts.WriteIn.SIZE, new byte[64]),
                new Shape(Opcode.STATFS, 0, none),
                new Shape(Opcode.FSYNC, FileLayouts.FsyncIn.SIZE, none),
                new Shape(Opcode.SETXATTR, NameLayouts.SetxattrIn.SIZE, bytes("user.a\0value")),
                new Shape(Opcode.SETXATTR, NameLayouts.SetxattrIn.SIZE, bytes("system.posix_acl_access\0value")),
                new Shape(Opcode.GETXATTR, NameLayouts.GetxattrIn.SIZE, bytes("user.a\0")),
                new Shape(Opcode.LISTXATTR, NameLayouts.GetxattrIn.SIZE, none),
                new Shape(Opcode.REMOVEXATTR, 0, bytes("user.b\0")),
                new Shape(Opcode.FLUSH, FileLayouts.FlushIn.SIZE, none),
                new Shape(Opcode.OPENDIR, FileLayouts.OpenIn.SIZE, none),
                new Shape(Opcode.READDIR, FileLayouts.ReadIn.SIZE, none),
                new Shape(Opcode.READDIRPLUS, FileLayouts.ReadIn.SIZE, none),
                new Shape(Opcode.FSYNCDIR, FileLayouts.FsyncIn.SIZE, none),
                new Shape(Opcode.GETLK, FileLayouts.LockIn.SIZE, none),
                new Shape(Opcode.SETLK, FileLayouts.LockIn.SIZE, none),
                new Shape(Opcode.ACCESS, FileLayouts.AccessIn.SIZE, none),
                new Shape(Opcode.CREATE, FileLayouts.CreateIn.SIZE, name),
                new Shape(Opcode.TMPFILE, FileLayouts.CreateIn.SIZE, bytes("/\0")),
                new Shape(Opcode.INTERRUPT, FileLayouts.InterruptIn.SIZE, none),
                new Shape(Opcode.IOCTL, IoctlLayouts.In.SIZE, new byte[32]),
                new Shape(Opcode.BATCH_FORGET, NameLayouts.BatchForgetIn.SIZE, new byte[32]),
                new Shape(Opcode.FALLOCATE, FileLayouts.FallocateIn.SIZE, none),
                new Shape(Opcode.LSEEK, FileLayouts.LseekIn.SIZE, none),
                new Shape(Opcode.COPY_FILE_RANGE, FileLayouts.CopyIn.SIZE, none),
                new Shape(Opcode.COPY_FILE_RANGE_64, FileLayouts.CopyIn.SIZE, none),
                new Shape(Opcode.SYNCFS, FileLayouts.SyncfsIn.SIZE, none),
                new Shape(Opcode.STATX, 24, none));
    }

    /** The request as it ought to be, to the file or to the directory. */
    private ByteBuffer base(Shape shape, boolean toDirectory) {
        Message message = new Message(shape.opcode, toDirectory ? directory : file);
        message.raw(new byte[shape.structSize]).raw(shape.tail);
        ByteBuffer request = ByteBuffer.wrap(message.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        switch (shape.opcode) {
            case Opcode.READ,
                    Opcode.WRITE,
                    Opcode.FSYNC,
                    Opcode.FLUSH,
                    Opcode.GETLK,
                    Opcode.SETLK,
                    Opcode.IOCTL,
                    Opcode.FALLOCATE,
                    Opcode.LSEEK -> request.putLong(HEADER, fileHandle);
            case Opcode.READDIR, Opcode.READDIRPLUS, Opcode.FSYNCDIR -> request.putLong(HEADER, directoryHandle);
            case Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 -> {
                request.putLong(HEADER, fileHandle);
                request.putLong(HEADER + FileLayouts.CopyIn.TARGET_NODE_ID, file);
                request.putLong(HEADER + FileLayouts.CopyIn.TARGET_HANDLE, fileHandle);
                request.putLong(HEADER + FileLayouts.CopyIn.LENGTH, 4096);
            }
            case Opcode.RENAME, Opcode.RENAME2, Opcode.LINK -> request.putLong(HEADER, directory);
            default -> {}
        }
        if (shape.opcode == Opcode.SETLK || shape.opcode == Opcode.GETLK) {
            request.putInt(HEADER + FileLayouts.LockIn.LOCK + FileLayouts.FileLock.TYPE, 1);
        }
        return request;
    }

    private void serve(ByteBuffer request, String what) {
        byte[] bytes = new byte[request.capacity()];
        request.get(0, bytes);
        port.clear();
        unique += 2;
        dispatcher.dispatch(Message.lay(bytes, unique), bytes.length);
        int opcode = request.getInt(4);
        assertEquals(Opcode.hasNoReply(opcode) ? 0 : 1, port.count(), what);
        if (port.count() == 1) {
            assertEquals(unique, port.last().getLong(8), what);
            assertNotEquals(Errno.EIO.number(), port.error(), what);
            assertNotEquals(Errno.EUCLEAN.number(), port.error(), what);
        }
        assertTrue(shared.files.get(fileHandle) != null, what + ": the file stays open");
    }

    @Test
    void shouldMakeSenseOrRefuse() {
        for (Shape shape : shapes()) {
            for (boolean toDirectory : new boolean[] {false, true}) {
                String to = Opcode.nameOf(shape.opcode) + (toDirectory ? " of a directory" : " of a file");
                serve(base(shape, toDirectory), to);
                for (int at = 0; at < shape.structSize; at += Integer.BYTES) {
                    for (long word : WORDS) {
                        ByteBuffer request = base(shape, toDirectory);
                        if (at % Long.BYTES == 0 && at + Long.BYTES <= shape.structSize) {
                            request.putLong(HEADER + at, word);
                            serve(request, to + ", word at " + at + " = " + word);
                            request = base(shape, toDirectory);
                        }
                        request.putInt(HEADER + at, (int) word);
                        serve(request, to + ", half word at " + at + " = " + (int) word);
                    }
                }
            }
        }
    }

    /** Several fields at once, and bits of flags one by one. */
    @Test
    void shouldMakeSenseOfRandomFields() {
        long seed = 20261122;
        Random random = new Random(seed);
        List<Shape> shapes = shapes();
        int rounds = System.getProperty("radax.check", "").equals("nightly") ? 3_000_000 : 60_000;
        for (int i = 0; i < rounds; i++) {
            Shape shape = shapes.get(random.nextInt(shapes.size()));
            ByteBuffer request = base(shape, random.nextInt(3) == 0);
            for (int fields = random.nextInt(3); shape.structSize > 0 && fields >= 0; fields--) {
                int at = random.nextInt(shape.structSize / Integer.BYTES) * Integer.BYTES;
                if (random.nextBoolean() && at % Long.BYTES == 0 && at + Long.BYTES <= shape.structSize) {
                    request.putLong(HEADER + at, WORDS[random.nextInt(WORDS.length)] - random.nextInt(3));
                } else {
                    request.putInt(HEADER + at, 1 << random.nextInt(32));
                }
            }
            serve(request, "seed " + seed + ", request " + i + ", " + Opcode.nameOf(shape.opcode));
        }
    }

    @Test
    void shouldRefuseOpcodesThatThereAreNot() {
        for (int opcode : new int[] {0, 7, 19, 37, 40, 41, 48, 49, 54, 100, 4096, -1, Integer.MIN_VALUE}) {
            for (int length : new int[] {0, 8, 4096}) {
                serve(
                        ByteBuffer.wrap(new Message(opcode, file)
                                        .raw(new byte[length])
                                        .toBytes())
                                .order(ByteOrder.LITTLE_ENDIAN),
                        "opcode " + opcode);
                assertEquals(Errno.ENOSYS.number(), port.error());
            }
        }
        serve(
                ByteBuffer.wrap(new Message(Opcode.INIT, 0).raw(new byte[64]).toBytes())
                        .order(ByteOrder.LITTLE_ENDIAN),
                "a second INIT");
        assertEquals(Errno.EPROTO.number(), port.error());
    }

    /** Inodes that are none: other blocks must not pass for them. */
    @Test
    void shouldRefuseInodesThatThereAreNot() {
        Random random = new Random(3);
        for (Shape shape : shapes()) {
            for (int i = 0; i < 40; i++) {
                ByteBuffer request = base(shape, false);
                request.putLong(NODE_ID, i < WORDS.length ? WORDS[i] : random.nextInt(8192 * 16));
                serve(request, Opcode.nameOf(shape.opcode) + " of inode " + request.getLong(NODE_ID));
            }
        }
    }

    @Test
    void shouldRefuseNamesThatAreNone() {
        String[] names = {
            "", "\0", "\0\0", "a/b\0", "/\0", "x", "x".repeat(256) + "\0", "x".repeat(4000), ".\0", "..\0", "a\0b\0c\0"
        };
        for (Shape shape : shapes()) {
            for (String name : names) {
                ByteBuffer made = base(new Shape(shape.opcode, shape.structSize, bytes(name)), true);
                serve(made, Opcode.nameOf(shape.opcode) + " of '" + name + "'");
            }
        }
    }

    @Test
    void shouldRefuseLengthsThatLie() {
        for (Shape shape : shapes()) {
            byte[] whole = new byte[base(shape, false).capacity()];
            base(shape, false).get(0, whole);
            for (int length = HEADER; length < whole.length; length++) {
                ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(whole, length)).order(ByteOrder.LITTLE_ENDIAN);
                serve(cut, "the length of all of " + Opcode.nameOf(shape.opcode));
                cut.putInt(0, length);
                serve(cut, "a part of " + Opcode.nameOf(shape.opcode));
            }
            for (int words : new int[] {1, 2, 0x7fff, 0xffff}) {
                ByteBuffer extended = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
                extended.putShort(EXTENSION_WORDS, (short) words);
                serve(extended, words + " words of extensions in " + Opcode.nameOf(shape.opcode));
            }
        }
    }
}
