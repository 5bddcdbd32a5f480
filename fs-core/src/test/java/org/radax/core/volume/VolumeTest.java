package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

final class VolumeTest {
    private static final long ROOT = FileSystem.ROOT_INO;

    private TestVolume v;
    private long freeAtStart;

    @BeforeEach
    void make() throws FsException {
        v = new TestVolume(64L << 20);
        freeAtStart = v.freeBlocks();
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void fails(Errno errno, Executable action) {
        FsException e = assertThrows(FsException.class, action);
        assertEquals(errno, e.errno(), e.getMessage());
    }

    /** Else what they have in the place of data would be read or written over. */
    @Test
    void shouldOpenNothingButFiles() throws FsException {
        long dir = v.mkdir(ROOT, "dir");
        long link = v.symlink(ROOT, "link", "x".repeat(100));
        v.volume.mknod(TestVolume.ROOT, ROOT, Name.of("pipe"), 0010644, 0, new Attributes());
        long pipe = v.lookup(ROOT, "pipe");
        for (int access = 0; access <= 2; access++) {
            int flags = access;
            fails(Errno.EISDIR, () -> v.volume.open(TestVolume.ROOT, dir, flags, false));
            fails(Errno.EINVAL, () -> v.volume.open(TestVolume.ROOT, link, flags, false));
            fails(Errno.EINVAL, () -> v.volume.open(TestVolume.ROOT, pipe, flags, false));
        }
    }

    @Test
    void shouldKeepWhatWasWrittenAcrossARemount() throws FsException {
        long dir = v.mkdir(ROOT, "dir");
        long file = v.create(dir, "file");
        byte[] content = bytes(300_001, 1);
        v.write(file, 0, content);
        v.remount();
        long found = v.lookup(v.lookup(ROOT, "dir"), "file");
        assertEquals(file, found);
        assertArrayEquals(content, v.read(found, 0, 400_000));
        assertEquals(300_001, v.stat(found).sizeBytes);
    }

    @Test
    void shouldReadZeroesFromHolesAndBeyondOldEnds() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(5000, 2));
        v.truncate(file, 100);
        v.write(file, 10_000, new byte[] {7});
        byte[] expected = new byte[10_001];
        System.arraycopy(bytes(5000, 2), 0, expected, 0, 100);
        expected[10_000] = 7;
        assertArrayEquals(expected, v.read(file, 0, 20_000));
    }

    @Test
    void shouldFindEveryBlockWrittenInRandomOrderIntoAllocatedSpace() throws FsException {
        int blocks = 4096;
        Integer[] order = new Integer[blocks];
        Arrays.setAll(order, i -> i);
        Collections.shuffle(Arrays.asList(order), new Random(9));
        long file = v.create(ROOT, "f");
        v.fallocate(file, 0, 0, blocks * 4096L);
        byte[] content = new byte[4096];
        for (int block : order) {
            Arrays.fill(content, (byte) (1 + block % 127));
            v.write(file, block * 4096L, content);
        }
        for (int block = 0; block < blocks; block++) {
            Arrays.fill(content, (byte) (1 + block % 127));
            assertArrayEquals(content, v.read(file, block * 4096L, 4096), "block " + block);
        }
    }

    @Test
    void shouldTakeAFutureModificationTimeBackWhenOverwriting() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(100, 1));
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MTIME;
        change.mtimeNanos = Long.MAX_VALUE;
        v.volume.setattr(TestVolume.ROOT, file, null, change, new Attributes());
        assertEquals(Long.MAX_VALUE, v.stat(file).mtimeNanos);
        v.write(file, 0, bytes(100, 2));
        assertTrue(v.stat(file).mtimeNanos <= Clock.now());
    }

    @Test
    void shouldWriteIntoUnwrittenExtentsWithoutShowingOldBytes() throws FsException {
        long old = v.create(ROOT, "old");
        v.write(old, 0, bytes(1 << 20, 3));
        v.unlink(ROOT, "old");
        long file = v.create(ROOT, "f");
        v.fallocate(file, 0, 0, 1 << 20);
        assertEquals(256, v.stat(file).blocks);
        assertArrayEquals(new byte[1 << 20], v.read(file, 0, 1 << 20));
        v.write(file, 5000, new byte[] {1, 2, 3});
        byte[] expected = new byte[1 << 20];
        expected[5000] = 1;
        expected[5001] = 2;
        expected[5002] = 3;
        assertArrayEquals(expected, v.read(file, 0, 1 << 20));
    }

    @Test
    void shouldPunchAndZero() throws FsException {
        long file = v.create(ROOT, "f");
        byte[] content = bytes(40_960, 4);
        v.write(file, 0, content);
        v.fallocate(file, FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE, 1000, 20_000);
        Arrays.fill(content, 1000, 21_000, (byte) 0);
        assertArrayEquals(content, v.read(file, 0, 50_000));
        assertEquals(6, v.stat(file).blocks);
        v.fallocate(file, FileSystem.FALLOC_ZERO_RANGE, 30_000, 20_000);
        byte[] longer = Arrays.copyOf(content, 50_000);
        Arrays.fill(longer, 30_000, 50_000, (byte) 0);
        assertArrayEquals(longer, v.read(file, 0, 60_000));
    }

    @Test
    void shouldListEveryNameOnceInBatchesOfAnySize() throws FsException {
        long dir = v.mkdir(ROOT, "d");
        HashSet<String> names = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            String name = "name-" + i + "-" + "x".repeat(i % 200);
            v.create(dir, name);
            names.add(name);
        }
        for (int batch : new int[] {1, 7, 100, 10_000}) {
            var listed = v.list(dir, batch);
            assertEquals(3000, listed.size(), "batch " + batch);
            assertEquals(names, new HashSet<>(listed));
        }
        for (String name : names) {
            assertNotEquals(0, v.lookup(dir, name), name);
        }
        for (String name : names) {
            v.unlink(dir, name);
        }
        assertEquals(0, v.list(dir, 10).size());
        v.rmdir(ROOT, "d");
        assertEquals(freeAtStart, v.freeBlocks());
    }

    @Test
    void shouldRename() throws FsException {
        long a = v.mkdir(ROOT, "a");
        long b = v.mkdir(ROOT, "b");
        long file = v.create(a, "f");
        v.rename(a, "f", b, "g", 0);
        assertEquals(0, v.lookup(a, "f"));
        assertEquals(file, v.lookup(b, "g"));
        long other = v.create(a, "h");
        v.rename(a, "h", b, "g", FileSystem.RENAME_EXCHANGE);
        assertEquals(file, v.lookup(a, "h"));
        assertEquals(other, v.lookup(b, "g"));
        v.rename(a, "h", b, "g", 0);
        assertEquals(file, v.lookup(b, "g"));
        fails(Errno.EEXIST, () -> v.rename(ROOT, "a", ROOT, "b", FileSystem.RENAME_NOREPLACE));
        fails(Errno.ENOTEMPTY, () -> v.rename(ROOT, "a", ROOT, "b", 0));
        v.mkdir(a, "sub");
        fails(Errno.EINVAL, () -> v.rename(ROOT, "a", v.lookup(a, "sub"), "x", 0));
        v.rename(ROOT, "a", b, "a", 0);
        assertEquals(3, v.stat(ROOT).linkCount);
        assertEquals(3, v.stat(b).linkCount);
        v.rename(b, "g", b, "w", FileSystem.RENAME_WHITEOUT);
        assertEquals(0020000, v.stat(v.lookup(b, "g")).mode & 0170000);
    }

    @Test
    void shouldKeepAnUnlinkedFileUntilItsLastClose() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(100_000, 5));
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 0, false);
        v.unlink(ROOT, "f");
        assertEquals(0, v.stat(file).linkCount);
        fails(Errno.ESTALE, () -> v.volume.lookupInode(file, new Attributes()));
        assertArrayEquals(bytes(100_000, 5), v.read(file, 0, 100_000));
        v.volume.release(open);
        fails(Errno.ESTALE, () -> v.stat(file));
        assertEquals(freeAtStart, v.freeBlocks());
    }

    @Test
    void shouldKeepAttributesOfAllSizes() throws FsException {
        long file = v.create(ROOT, "f");
        for (int i = 0; i < 100; i++) {
            v.setxattr(file, "user.n" + i, bytes(i * 37, i));
        }
        v.setxattr(file, "user.big", bytes(65_536, 9));
        v.setxattr(file, "user.n3", bytes(65_536, 10));
        v.remount();
        assertArrayEquals(bytes(65_536, 9), v.getxattr(file, "user.big"));
        assertArrayEquals(bytes(65_536, 10), v.getxattr(file, "user.n3"));
        for (int i = 4; i < 100; i++) {
            assertArrayEquals(bytes(i * 37, i), v.getxattr(file, "user.n" + i));
        }
        for (int i = 0; i < 100; i++) {
            v.volume.removexattr(TestVolume.ROOT, file, Name.of("user.n" + i));
        }
        fails(Errno.ENODATA, () -> v.getxattr(file, "user.n7"));
        fails(Errno.EOPNOTSUPP, () -> v.setxattr(file, "system.other", new byte[4]));
        v.unlink(ROOT, "f");
        assertEquals(freeAtStart, v.freeBlocks());
    }

    @Test
    void shouldKeepSymlinksOfUpTo4095Bytes() throws FsException {
        String longest = "a/".repeat(2047) + "b";
        assertEquals(longest, v.readlink(v.symlink(ROOT, "s", longest)));
        fails(Errno.ENAMETOOLONG, () -> v.symlink(ROOT, "t", longest + "b"));
    }

    @Test
    void shouldEmptyAFullVolume() throws FsException {
        int files = 0;
        try {
            for (; ; files++) {
                long file = v.create(ROOT, "file" + files);
                v.write(file, 0, bytes(200_000, files));
            }
        } catch (FsException e) {
            assertEquals(Errno.ENOSPC, e.errno());
        }
        assertTrue(files > 200, "files: " + files);
        for (int i = 0; i < files; i++) {
            assertArrayEquals(bytes(200_000, i), v.read(v.lookup(ROOT, "file" + i), 0, 200_000));
        }
        for (String name : v.list(ROOT, 1000)) {
            v.unlink(ROOT, name);
        }
        assertEquals(freeAtStart, v.freeBlocks());
    }

    @Test
    void shouldReachToTheEndOfTheLargestFile() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, (1L << 44) - 1, new byte[] {1});
        assertEquals(1L << 44, v.stat(file).sizeBytes);
        fails(Errno.EFBIG, () -> v.write(file, 1L << 44, new byte[] {1}));
        assertArrayEquals(new byte[] {1}, v.read(file, (1L << 44) - 1, 10));
    }

    @Test
    void shouldDropPrivilegesWhenOthersThanRootAllocate() throws FsException {
        Caller stranger = new Caller().set(1000, 1000, 1, 0);
        long file = v.create(ROOT, "f");
        v.write(file, 0, new byte[10_000]);
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE;
        int[] modes = {FileSystem.FALLOC_KEEP_SIZE, FileSystem.FALLOC_ZERO_RANGE, 3};
        for (int mode : modes) {
            for (int permissions : new int[] {06666, 06777, 02676}) {
                change.mode = permissions;
                v.volume.setattr(TestVolume.ROOT, file, null, change, new Attributes());
                OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
                v.volume.fallocate(TestVolume.ROOT, open, mode, 4096, 4096);
                assertEquals(permissions, v.stat(file).mode & 07777);
                v.volume.fallocate(stranger, open, mode, 4096, 4096);
                assertEquals(permissions & 0777, v.stat(file).mode & 07777, "mode " + mode);
                v.volume.release(open);
            }
        }
    }

    @Test
    void shouldNotChangeAnImmutableFile() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(100, 1));
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.IMMUTABLE);
        refusesAllButAppending(file, "f");
        fails(Errno.EPERM, () -> v.write(file, 100, bytes(10, 2)));
        fails(Errno.EPERM, () -> v.fallocate(file, 0, 0, 50_000));
        v.volume.setFlags(TestVolume.ROOT, file, 0);
        v.unlink(ROOT, "f");
    }

    @Test
    void shouldOnlyAppendToAnAppendOnlyFile() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(100, 1));
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.APPEND);
        refusesAllButAppending(file, "f");
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2 | 02000, false);
        v.volume.fallocate(TestVolume.ROOT, open, 1, 0, 50_000);
        fails(Errno.EPERM, () -> v.volume.fallocate(TestVolume.ROOT, open, 3, 0, 4096));
        fails(Errno.EPERM, () -> v.volume.fallocate(TestVolume.ROOT, open, 16, 0, 4096));
        v.volume.release(open);
        assertEquals(100, v.stat(file).sizeBytes);
        long dir = v.mkdir(ROOT, "d");
        v.create(dir, "old");
        v.volume.setFlags(TestVolume.ROOT, dir, InodeFlags.APPEND);
        v.create(dir, "new");
        fails(Errno.EPERM, () -> v.unlink(dir, "old"));
        fails(Errno.EPERM, () -> v.rename(dir, "old", ROOT, "moved", 0));
    }

    private void refusesAllButAppending(long file, String name) {
        fails(Errno.EPERM, () -> v.write(file, 50, bytes(10, 2)));
        fails(Errno.EPERM, () -> v.truncate(file, 10));
        fails(Errno.EPERM, () -> v.setxattr(file, "user.a", bytes(1, 1)));
        fails(Errno.EPERM, () -> v.link(file, ROOT, "other"));
        fails(Errno.EPERM, () -> v.rename(ROOT, name, ROOT, "moved", 0));
        fails(Errno.EPERM, () -> v.unlink(ROOT, name));
    }

    @Test
    void shouldTouchTheAccessTimeBeforeTheReadIsAnswered() throws FsException {
        long file = v.create(ROOT, "f");
        v.write(file, 0, bytes(100, 1));
        long before = v.stat(file).atimeNanos;
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 0, false);
        long[] whenAnswered = new long[1];
        v.volume.read(open, 0, 100, new ReadSink() {
            @Override
            public void segment(long address, long lengthBytes) {
                // Of no interest.
            }

            @Override
            public void complete() {
                whenAnswered[0] = assertDoesNotThrow(() -> v.stat(file)).atimeNanos;
            }
        });
        v.volume.release(open);
        assertTrue(whenAnswered[0] > before);
        assertEquals(whenAnswered[0], v.stat(file).atimeNanos);
    }
}
