package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.core.check.Checker;
import org.radax.core.check.Finding;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.RawMemory;
import org.radax.core.xattr.AclText;

/** ACLs of a volume: kept, one with the mode, inherited; and never wrong for the checker. */
final class VolumeAclTest {
    private static final long ROOT = FileSystem.ROOT_INO;
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    private static final String NAMED = "u::rw-,u:7:rwx,g::r--,m::rw-,o::---";

    private final TestVolume v;
    private final Attributes attributes = new Attributes();

    VolumeAclTest() throws PoolException {
        v = new TestVolume(64L << 20);
    }

    @AfterEach
    void close() {
        try {
            assertEquals(List.of(), findings());
        } finally {
            v.close();
        }
    }

    private List<Finding> findings() {
        return Checker.check(v.memory, false, line -> {}).findings();
    }

    private static void fails(Errno errno, Executable action) {
        FsException e = assertThrows(FsException.class, action);
        assertEquals(errno, e.errno(), e.getMessage());
    }

    private void set(long ino, String kind, String text) throws FsException {
        v.setxattr(ino, kind, AclText.wire(text));
    }

    private String get(long ino, String kind) throws FsException {
        return AclText.text(v.getxattr(ino, kind));
    }

    private int mode(long ino) throws FsException {
        return v.stat(ino).mode & 07777;
    }

    private void chmod(long ino, int mode) throws FsException {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE;
        change.mode = mode;
        v.volume.setattr(TestVolume.ROOT, ino, null, change, attributes);
        assertEquals(mode, attributes.mode & 07777, "the reply carries the new mode");
    }

    private Set<String> names(long ino) throws FsException {
        long buffer = RawMemory.allocate(4096);
        byte[] list = new byte[v.volume.listxattr(TestVolume.ROOT, ino, buffer, 4096)];
        RawMemory.copyOut(buffer, list, 0, list.length);
        RawMemory.free(buffer);
        String text = new String(list, StandardCharsets.US_ASCII);
        return text.isEmpty() ? new TreeSet<>() : new TreeSet<>(List.of(text.split("\0")));
    }

    @Test
    void shouldKeepAnAclWithItsMode() throws FsException {
        long file = v.create(ROOT, "f");
        set(file, ACCESS, NAMED);
        assertEquals(0660, mode(file));
        v.remount();
        assertEquals(NAMED, get(file, ACCESS));
        assertEquals(new TreeSet<>(List.of(ACCESS)), names(file));
        chmod(file, 04751);
        assertEquals("u::rwx,u:7:rwx,g::r--,m::r-x,o::--x", get(file, ACCESS));
        v.volume.removexattr(TestVolume.ROOT, file, Name.of(ACCESS));
        assertEquals(04751, mode(file));
        fails(Errno.ENODATA, () -> get(file, ACCESS));
        fails(Errno.ENODATA, () -> v.volume.removexattr(TestVolume.ROOT, file, Name.of(ACCESS)));
    }

    @Test
    void shouldFoldWhatAModeCanSay() throws FsException {
        long file = v.create(ROOT, "f");
        long free = v.freeBlocks();
        set(file, ACCESS, "u::rwx,g::r-x,o::--x");
        assertEquals(0751, mode(file));
        assertEquals(new TreeSet<>(), names(file));
        set(file, ACCESS, NAMED);
        set(file, ACCESS, "u::r--,g::---,o::---");
        assertEquals(0400, mode(file));
        assertEquals(new TreeSet<>(), names(file));
        assertEquals(free, v.freeBlocks());
        assertEquals(0, v.stat(file).blocks);
    }

    @Test
    void shouldTakeSetgidFromACallerWhoMayNotHaveIt() throws FsException {
        long file = v.create(ROOT, "f");
        chmod(file, 06755);
        set(file, ACCESS, NAMED);
        assertEquals(06660, mode(file));
        long buffer = RawMemory.allocate(100);
        byte[] wire = AclText.wire(NAMED);
        RawMemory.copyIn(wire, 0, buffer, wire.length);
        int kill = FileSystem.XATTR_KILL_SETGID;
        v.volume.setxattr(TestVolume.ROOT, file, Name.of(ACCESS), buffer, wire.length, kill);
        RawMemory.free(buffer);
        assertEquals(04660, mode(file));
    }

    @Test
    void shouldKeepDefaultAclsOfDirectoriesOnly() throws FsException {
        long dir = v.mkdir(ROOT, "d");
        long file = v.create(dir, "f");
        long link = v.symlink(dir, "s", "f");
        set(dir, DEFAULT, NAMED);
        assertEquals(NAMED, get(dir, DEFAULT));
        assertEquals(0755, mode(dir));
        fails(Errno.EACCES, () -> set(file, DEFAULT, NAMED));
        set(file, DEFAULT, "");
        fails(Errno.EOPNOTSUPP, () -> set(link, ACCESS, NAMED));
        fails(Errno.EINVAL, () -> set(file, ACCESS, "u::rwx"));
        fails(Errno.ERANGE, () -> v.volume.getxattr(dir, Name.of(DEFAULT), 1, 8));
        assertEquals(44, v.volume.getxattr(dir, Name.of(DEFAULT), 0, 0));
        set(dir, DEFAULT, "");
        assertEquals(new TreeSet<>(), names(dir));
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.IMMUTABLE);
        fails(Errno.EPERM, () -> set(file, ACCESS, NAMED));
    }

    /** The default ACL stands in for the umask. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "077|666|640|u::rw-,u:7:rwx,g::r-x,m::r--,o::---",
                "022|666|640|u::rw-,u:7:rwx,g::r-x,m::r--,o::---",
                "022|777|750|u::rwx,u:7:rwx,g::r-x,m::r-x,o::---",
                "000|600|600|u::rw-,u:7:rwx,g::r-x,m::---,o::---"
            })
    void shouldInheritADefaultAcl(String umask, String asked, String mode, String access) throws FsException {
        String inherited = "u::rwx,u:7:rwx,g::r-x,m::r-x,o::---";
        long dir = v.mkdir(ROOT, "d");
        set(dir, DEFAULT, inherited);
        Caller caller = new Caller().set(5, 6, 1, Integer.parseInt(umask, 8));
        int wanted = Integer.parseInt(asked, 8);
        v.volume.release(v.volume.create(caller, dir, Name.of("f"), wanted, 2, attributes));
        v.volume.mkdir(caller, dir, Name.of("s"), wanted, attributes);
        v.volume.mknod(caller, dir, Name.of("p"), 0010000 | wanted, 0, attributes);
        v.volume.symlink(caller, dir, Name.of("l"), RawMemory.allocate(8), 1, attributes);
        OpenFile nameless = v.volume.tmpfile(caller, dir, wanted, 2, attributes);
        assertEquals(access, get(attributes.ino, ACCESS));
        v.volume.release(nameless);
        v.remount();
        for (String name : List.of("f", "s", "p")) {
            long child = v.lookup(dir, name);
            assertEquals(Integer.parseInt(mode, 8), mode(child), name);
            assertEquals(access, get(child, ACCESS), name);
        }
        assertEquals(inherited, get(v.lookup(dir, "s"), DEFAULT));
        assertEquals(new TreeSet<>(List.of(ACCESS)), names(v.lookup(dir, "f")));
        assertEquals(new TreeSet<>(), names(v.lookup(dir, "l")));
        assertEquals(0777, mode(v.lookup(dir, "l")));
    }

    @Test
    void shouldInheritAModeLikeDefaultAclAsAMode() throws FsException {
        long dir = v.mkdir(ROOT, "d");
        set(dir, DEFAULT, "u::rwx,g::rwx,o::---");
        long free = v.freeBlocks();
        Caller caller = new Caller().set(5, 6, 1, 077);
        v.volume.release(v.volume.create(caller, dir, Name.of("f"), 0666, 2, attributes));
        assertEquals(0660, attributes.mode & 07777);
        assertEquals(0, attributes.blocks);
        assertEquals(new TreeSet<>(), names(attributes.ino));
        assertTrue(free - v.freeBlocks() <= 2, "only a chunk and a bucket");
    }

    @Test
    void shouldApplyTheUmaskWithoutADefaultAcl() throws FsException {
        long dir = v.mkdir(ROOT, "d");
        set(dir, ACCESS, NAMED);
        chmod(dir, 02770);
        Caller caller = new Caller().set(5, 6, 1, 027);
        v.volume.release(v.volume.create(caller, dir, Name.of("f"), 0666, 2, attributes));
        assertEquals(0640, attributes.mode & 07777);
        v.volume.mkdir(caller, dir, Name.of("s"), 0777, attributes);
        assertEquals(02750, attributes.mode & 07777);
        assertEquals(new TreeSet<>(), names(attributes.ino));
    }

    @Test
    void shouldKeepTheLargestAclAndInheritIt() throws FsException {
        StringBuilder text = new StringBuilder("u::rwx");
        for (int i = 0; i < 507; i++) {
            text.append(",u:").append(i).append(":r-x");
        }
        String largest = text.append(",g::r-x,m::r-x,o::---").toString();
        long free = v.freeBlocks();
        long dir = v.mkdir(ROOT, "d");
        set(dir, DEFAULT, largest);
        long sub = v.mkdir(dir, "s");
        assertEquals(largest, get(sub, DEFAULT));
        assertEquals(largest, get(sub, ACCESS));
        assertEquals(3, v.stat(sub).blocks);
        v.remount();
        assertEquals(largest, get(sub, DEFAULT));
        assertEquals(List.of(), findings());
        v.rmdir(dir, "s");
        v.rmdir(ROOT, "d");
        assertEquals(free, v.freeBlocks());
    }

    @Test
    void shouldBeCheckedBothWhenReadAndByFsck() throws FsException {
        long file = v.create(ROOT, "f");
        long inode = v.volume.core().inodes.offsetOf(file);
        byte[] name = ACCESS.getBytes(StandardCharsets.US_ASCII);
        try (Operation op = v.volume.core().begin(false)) {
            v.volume.core().xattrs.set(op.tx(), inode, file, name, name.length, new byte[9], new long[0]);
            VolumeCore.addBlocks(op.tx(), inode, op.tx().space().balance());
            op.commit();
        }
        fails(Errno.EUCLEAN, () -> get(file, ACCESS));
        assertTrue(findings().toString().contains("system.posix_acl_access: 9 bytes"), findings()::toString);
        v.unlink(ROOT, "f");
    }
}
